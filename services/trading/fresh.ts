export interface FreshOptions<T> {
  readonly load: () => Promise<T>;
  /** Milliseconds on a clock that never steps. */
  readonly monotonicMs: () => number;
  /** From this age on a value is read again, in the background; at twice the age callers wait for it. */
  readonly ageMs: number;
}

/** A value that many ask for and that may be a little old: read once for all of them. Rejects when reading does. */
export function createFresh<T>({ load, monotonicMs, ageMs }: FreshOptions<T>): () => Promise<T> {
  let known: { readonly value: T; readonly askedAt: number } | undefined;
  let loading: Promise<T> | undefined;

  async function reload(): Promise<T> {
    // Age counts from the question, not the answer: things may have changed in between.
    const askedAt = monotonicMs();
    try {
      const value = await load();
      known = { value, askedAt };
      return value;
    } finally {
      loading = undefined;
    }
  }

  return async () => {
    const age = known === undefined ? Infinity : monotonicMs() - known.askedAt;
    if (known !== undefined && age < ageMs) return known.value;
    loading ??= reload();
    if (known === undefined || age >= 2 * ageMs) return loading;
    // Whoever finds the value too old will meet the error.
    loading.catch(() => undefined);
    return known.value;
  };
}
