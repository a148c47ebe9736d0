import test from 'ava';
import { contentHash } from '../../api/content-hash.ts';
import { parseJson } from '../../api/rest/json-body.ts';
import { DomainError } from '../../domain/errors.ts';

const accepts = test.macro({
  title: (_, text: string) => `parseJson: ${text}, read`,
  exec: (t, text: string) => {
    t.deepEqual(parseJson(text), JSON.parse(text));
  },
});

test(accepts, '{"a": "b\\": c", "d": [{"a": 1}, {"a": 2}]}');
test(accepts, '{"a\\\\": 1, "a": 2}');
test(accepts, '[{"x": "\\"y\\":"}]');
test(accepts, '"text"');

const refuses = test.macro({
  title: (_, _text: string, why: string) => `parseJson: ${why}, refused`,
  exec: (t, text: string, _why: string) => {
    t.is(t.throws(() => parseJson(text), { instanceOf: DomainError }).code, 'INVALID_REQUEST');
  },
});

test(refuses, '{"a": 1, "a": 2}', 'a key twice');
test(refuses, '{"a": {"b": 1, "b": 1}}', 'a nested key twice');
test(refuses, '{"a": 1, "\\u0061": 2}', 'a key twice, once escaped');
test(refuses, '{"a": 1', 'an unfinished object');
test(refuses, '', 'nothing');
test(refuses, `${'['.repeat(33)}${']'.repeat(33)}`, 'deeper than 32 levels');
test(refuses, '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 'ten thousand levels deep');
test(accepts, `${'['.repeat(32)}"[[["${']'.repeat(32)}`);

test('contentHash: other key order and trailing zeros, the same content', (t) => {
  t.is(contentHash({ a: '1.50', b: { c: '2' } }), contentHash({ b: { c: '2.00' }, a: '1.5' }));
  t.not(contentHash({ a: '1.5' }), contentHash({ a: '1.51' }));
  t.not(contentHash(['a', 'b']), contentHash(['b', 'a']));
});
