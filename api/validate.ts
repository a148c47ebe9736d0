import type { z } from 'zod';
import { DomainError, type FieldFault } from '../domain/errors.ts';

/** One part of a request against its schema. Throws INVALID_REQUEST that lists every fault with its JSON pointer. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new DomainError('INVALID_REQUEST', 'The request does not fit its schema. Correct the fields named in errors.', {
    errors: read.error.issues.flatMap(toFaults),
  });
}

const escape = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

const pointerOf = (path: readonly PropertyKey[]): string => path.map((part) => `/${escape(part)}`).join('');

function toFaults(issue: z.core.$ZodIssue): FieldFault[] {
  const fault = (path: readonly PropertyKey[], detail: string): FieldFault => ({
    pointer: pointerOf(path),
    code: 'INVALID_REQUEST',
    detail,
  });
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => fault([...issue.path, key], 'This field is unknown. Leave it out.'));
  }
  return [fault(issue.path, issue.message)];
}
