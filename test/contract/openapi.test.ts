import test from 'ava';
import { createOpenApi } from '../../contract/openapi.ts';
import { devOperations, internalOperations, publicOperations } from '../../contract/operations.ts';

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: { readonly pattern?: string } }[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

const document = createOpenApi('All doors', { ...publicOperations, ...internalOperations, ...devOperations }) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};
const described = new Map(
  Object.values(document.paths).flatMap((path) => Object.values(path).map((each) => [each.operationId, each] as const)),
);

/** Every value of a key, wherever it is. */
function valuesOf(key: string, node: unknown): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node as Record<string, unknown>).flatMap(([name, child]) =>
    name === key ? [child] : valuesOf(key, child),
  );
}

/** The problem codes that an operation names. */
const codesOf = (id: string): unknown[] =>
  valuesOf('code', described.get(id)?.responses).flatMap((code) => valuesOf('enum', code).flatMap((codes) => codes));

test('openapi: its patterns, are read alike by every dialect of regular expressions', (t) => {
  const patterns = new Set(valuesOf('pattern', document).map(String));
  t.true(patterns.size > 5);
  // Neither looking around nor classes by Unicode property.
  t.deepEqual(
    [...patterns].filter((pattern) => /\(\?[=!<]|\\[pP]\{/.test(pattern)),
    [],
  );
});

const known = test.macro({
  title: (_, id: string, code: string) => `openapi: ${id}, names its refusal ${code}`,
  exec(t, id: string, code: string) {
    t.true(codesOf(id).includes(code), codesOf(id).join());
  },
});
for (const code of ['SECOND_FACTOR_REQUIRED', 'CODE_USED', 'ACCOUNT_FROZEN']) test(known, 'login', code);
for (const code of ['SECOND_FACTOR_REQUIRED', 'ADJUSTMENT_NOT_POSSIBLE', 'NOT_FOUND', 'FORBIDDEN']) {
  test(known, 'requestAdjustment', code);
}
test(known, 'confirmTotp', 'SECOND_FACTOR_REQUIRED');
for (const id of ['revokeSession', 'getUser', 'getUserByEmail', 'reportDeposit']) test(known, id, 'NOT_FOUND');
for (const id of ['addAsset', 'openMarket', 'changeMarket']) test(known, id, 'IDEMPOTENCY_KEY_REQUIRED');

test('openapi: a body, is required where an empty one would be refused', (t) => {
  t.like(described.get('placeOrder')?.requestBody, { required: true });
  t.like(described.get('updateMe')?.requestBody, { required: false });
});

test('openapi: idempotency keys and cursors, have the form that is demanded', (t) => {
  const parameter = (id: string, name: string) =>
    described.get(id)?.parameters?.find((each) => each.name === name)?.schema;
  t.is(parameter('placeOrder', 'Idempotency-Key')?.pattern, '^[\\x21-\\x7e]{1,255}$');
  for (const id of ['deposits', 'walletEntries', 'withdrawals', 'listUsers', 'adjustments']) {
    t.regex(JSON.stringify(parameter(id, 'cursor')), /Uuid/, id);
  }
});
