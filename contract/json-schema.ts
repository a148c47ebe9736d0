import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/** A schema as AsyncAPI writes it, JSON Schema draft 7, and the named schemas it refers to. */
export function describe(schema: z.ZodType): { readonly payload: Json; readonly definitions: Json } {
  const written = JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }));
  const moved = written.replaceAll('"#/definitions/', '"#/components/schemas/');
  const { $schema: _, definitions = {}, ...payload } = JSON.parse(moved) as Json & { definitions?: Json };
  return { payload, definitions };
}
