import test from 'ava';
import { z } from 'zod';
import { devOperations, internalOperations, publicOperations } from '../../contract/operations.ts';
import type { Operation } from '../../contract/operation.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Where a request may hold text that no list of values, format or pattern confines. */
function freeTexts(schema: JsonSchema, path: string): string[] {
  const below = (part: unknown, name: string): string[] =>
    typeof part === 'object' && part !== null ? freeTexts(part as JsonSchema, `${path}/${name}`) : [];
  const { type, properties = {}, items, anyOf = [] } = schema;
  const confined = ['enum', 'const', 'format', 'pattern', 'allOf'].some((rule) => rule in schema);
  return [
    ...(type === 'string' && !confined ? [path] : []),
    ...Object.entries(properties as JsonSchema).flatMap(([name, part]) => below(part, name)),
    ...below(items, '0'),
    ...(anyOf as JsonSchema[]).flatMap((part) => freeTexts(part, path)),
  ];
}

test('requests: text without a pattern, is a password and nothing else', (t) => {
  const operations: Readonly<Record<string, Operation>> = {
    ...publicOperations,
    ...internalOperations,
    ...devOperations,
  };
  const free = Object.entries(operations).flatMap(([name, { params, query, body }]) =>
    [params, query, body].flatMap((part) =>
      part === undefined ? [] : freeTexts(z.toJSONSchema(part, { io: 'input', reused: 'inline' }), name),
    ),
  );
  t.deepEqual(
    free.filter((path) => !path.endsWith('password')),
    [],
  );
});
