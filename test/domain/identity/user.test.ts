import test from 'ava';
import { needsSecondFactor, roles } from '../../../domain/identity/user.ts';

test('needsSecondFactor: of all roles, the staff only', (t) => {
  t.deepEqual(roles.filter(needsSecondFactor), ['compliance', 'admin']);
});
