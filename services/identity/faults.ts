import { DomainError, type FieldFault } from '../../domain/errors.ts';

/** Throws INVALID_REQUEST that lists every fault: a sentence by JSON pointer, undefined where there is none. */
export function refuseFaults(faults: Readonly<Record<string, string | undefined>>): void {
  const errors = Object.entries(faults).flatMap(([pointer, detail]): FieldFault[] =>
    detail === undefined ? [] : [{ pointer, code: 'INVALID_REQUEST', detail }],
  );
  if (errors.length > 0) throw new DomainError('INVALID_REQUEST', 'Correct the fields named in errors.', { errors });
}
