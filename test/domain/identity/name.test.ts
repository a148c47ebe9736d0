import test from 'ava';
import { nameFault } from '../../../domain/identity/name.ts';

for (const name of ['Zoë O’Neill-Șerban', '李小龍', '']) {
  test(`nameFault: ${JSON.stringify(name)}, is a name`, (t) => {
    t.is(nameFault(name), undefined);
  });
}

for (const name of ['Ann\r\nBcc: b@example.com', 'Ann\u0000', 'Ann\u0085', 'Ann\u007f']) {
  test(`nameFault: ${JSON.stringify(name)}, is none and the customer is told`, (t) => {
    t.regex(nameFault(name) ?? '', /control characters/);
  });
}
