import test from 'ava';
import type { DomainError } from '../../../domain/errors.ts';
import { commonPasswords, createPasswords, type PasswordOptions } from '../../../services/identity/passwords.ts';

const cheap: PasswordOptions = { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 1, queueLimit: 1 };

test('passwords: right, wrong and no hash, only the right one matches', async (t) => {
  const passwords = await createPasswords(cheap);
  const made = await passwords.hash('re\u0301sume\u0301 of a life');
  t.regex(made, /^\$argon2id\$v=19\$m=64,p=1,t=1\$/);
  t.true(await passwords.verify(made, 'résumé of a life'));
  t.false(await passwords.verify(made, 'resume of a life'));
  t.false(await passwords.verify(undefined, 'what an unknown address is compared with'));
  t.not(await passwords.hash('re\u0301sume\u0301 of a life'), made);
});

test('passwords: costs that were raised, make a hash outdated', async (t) => {
  const made = await (await createPasswords(cheap)).hash('twelve chars');
  t.false((await createPasswords(cheap)).isOutdated(made));
  t.true((await createPasswords({ ...cheap, iterations: 2 })).isOutdated(made));
  t.true((await createPasswords({ ...cheap, memoryKib: 128 })).isOutdated(made));
});

test('passwords: more at once than run and wait, get UNAVAILABLE and the others finish', async (t) => {
  const passwords = await createPasswords(cheap);
  const settled = await Promise.allSettled([1, 2, 3, 4].map(() => passwords.hash('twelve chars')));
  const refused = settled.filter(({ status }) => status === 'rejected');
  t.is(refused.length, 2);
  for (const result of refused) t.is(((result as PromiseRejectedResult).reason as DomainError).code, 'UNAVAILABLE');
  t.truthy(await passwords.hash('twelve chars'));
});

test('passwords: the bundled list, is lower case and holds what everybody uses', (t) => {
  t.true(commonPasswords.has('123456789012'));
  t.true(commonPasswords.has('qwertyuiop123') || commonPasswords.has('qwertyuiop'));
  t.true([...commonPasswords].every((password) => password === password.toLowerCase()));
});
