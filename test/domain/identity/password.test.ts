import test from 'ava';
import { normalisePassword, passwordFault } from '../../../domain/identity/password.ts';

const common = new Set(['correcthorse', 'password1234']);
const email = 'alice.cooper@example.com';

const may = test.macro({
  title: (_, what: string, text: string) => `passwordFault: ${what} (${text.length} units), may be set`,
  exec: (t, _what: string, text: string) => {
    t.is(passwordFault(text, email, common), undefined);
  },
});

test(may, '12 characters', 'twelve chars');
test(may, '128 characters', 'x'.repeat(128));
test(may, '12 characters outside the basic plane', '🔒'.repeat(12));

const mayNot = test.macro({
  title: (_, what: string) => `passwordFault: ${what}, may not be set`,
  exec: (t, _what: string, text: string, says: RegExp) => {
    t.regex(passwordFault(text, email, common) ?? '', says);
  },
});

test(mayNot, 'eleven characters', 'eleven char', /12 to 128/);
test(mayNot, '129 characters', 'x'.repeat(129), /12 to 128/);
test(mayNot, 'twelve that are ten after NFKC', `1234567890e\u0301`.slice(1), /12 to 128/);
test(mayNot, 'a common one', 'password1234', /first ones/);
test(mayNot, 'a common one in capitals', 'PassWord1234', /first ones/);
test(mayNot, 'a common one in full width', 'ｐａｓｓｗｏｒｄ１２３４', /first ones/);
test(mayNot, 'the address itself', 'Alice.Cooper@example.com', /first ones/);

test('normalisePassword: the same letters typed on two systems, are one password', (t) => {
  t.is(normalisePassword('re\u0301sume\u0301'), normalisePassword('résumé'));
});
