import published from '@asyncapi/specs/schemas/3.0.0.json' with { type: 'json' };
import { Ajv } from 'ajv';

export const lenient = { strict: false, validateFormats: false } as const;

/** Judges a document by the published schema of AsyncAPI 3.0. */
export const isAsyncApi = new Ajv({ ...lenient, meta: false, validateSchema: false }).compile(published);

/** Every `$ref` below a node that leads nowhere in its document. */
export function findBrokenReferences(node: unknown, document: object): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { $ref } = node as { $ref?: unknown };
  const own = typeof $ref === 'string' && resolve($ref, document) === undefined ? [$ref] : [];
  return [...own, ...Object.values(node).flatMap((each) => findBrokenReferences(each, document))];
}

const resolve = (reference: string, document: object): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
