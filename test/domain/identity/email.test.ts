import test from 'ava';
import { normaliseEmail } from '../../../domain/identity/email.ts';

const reads = test.macro({
  title: (_, text: string, want: string) => `normaliseEmail: ${JSON.stringify(text)}, is ${want}`,
  exec: (t, text: string, want: string) => {
    t.is(normaliseEmail(text), want);
  },
});

test(reads, 'alice@example.com', 'alice@example.com');
test(reads, '  Alice@Example.COM ', 'alice@example.com');
test(reads, 'ａｌｉｃｅ@ｅｘａｍｐｌｅ.com', 'alice@example.com'); // Full width: NFKC.
test(reads, 'alice@bücher.example', 'alice@xn--bcher-kva.example');
test(reads, 'alice@BÜCHER.example', 'alice@xn--bcher-kva.example');
test(reads, 'alice@xn--bcher-kva.example', 'alice@xn--bcher-kva.example');
test(reads, 'o’neil@example.com'.replace('’', "'"), "o'neil@example.com");
test(reads, 'a.b+c@mail.example.com', 'a.b+c@mail.example.com');
test(reads, 'münster@example.com', 'münster@example.com');

const refuses = test.macro({
  title: (_, text: string, why: string) =>
    `normaliseEmail: ${JSON.stringify(text.slice(0, 40))} (${why}), is no address`,
  exec: (t, text: string, _why: string) => {
    t.is(normaliseEmail(text), undefined);
  },
});

test(refuses, '', 'empty');
test(refuses, 'alice', 'no @');
test(refuses, '@example.com', 'no local part');
test(refuses, 'alice@', 'no domain');
test(refuses, 'alice@localhost', 'one label');
test(refuses, 'a@b@example.com', 'two @');
test(refuses, 'a b@example.com', 'space');
test(refuses, 'a\u0000@example.com', 'control character');
test(refuses, 'a@example.com\r\nBcc: b@example.com', 'a second header');
test(refuses, 'a@example.com,b@example.com', 'a list');
test(refuses, '"a b"@example.com', 'quoted');
test(refuses, 'a@exa mple.com', 'space in the domain');
test(refuses, 'a@example.com/path', 'path');
test(refuses, 'a@example.com:25', 'port');
test(refuses, 'a@example..com', 'an empty label');
test(refuses, 'a@.example.com', 'an empty first label');
test(refuses, 'a@-example.com', 'a label that starts with -');
test(refuses, 'a@192.0.2.1', 'an IP address');
test(refuses, 'a@0x7f.1', 'an IP address in disguise');
test(refuses, `${'a'.repeat(65)}@example.com`, 'local part too long');
test(refuses, `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.example.com`, 'too long');
