import test from 'ava';
import { createCore, userOf } from '../../../matcher/engine/core.ts';
import { limits } from './commands.ts';

test('users: more than are kept come and go, those with something to remember are the same afterwards', (t) => {
  const core = createCore(limits, 500);
  const trader = userOf(core, 'with an open order');
  trader.open = 1;
  const careful = userOf(core, 'with a cancel-all');
  careful.cancelledBefore = 5;
  for (let count = 0; count < 50_000; count += 1) userOf(core, `once-${count}`);
  t.true(core.users.size < 25_000);
  t.is(userOf(core, 'with an open order'), trader);
  t.is(userOf(core, 'with a cancel-all'), careful);
});
