/** Work in order within a key, side by side between keys. */
export interface Lanes {
  /** Queues work behind what its key already has. The work must not reject. */
  add(key: string, work: () => Promise<void>): void;
  /** Resolves when fewer than `limit` pieces are waiting or running. */
  below(limit: number): Promise<void>;
  readonly size: number;
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>();
  let size = 0;
  let left = Promise.withResolvers<undefined>();

  return {
    add(key, work) {
      size += 1;
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(work).finally(() => {
        size -= 1;
        if (tails.get(key) === mine) tails.delete(key);
        left.resolve(undefined);
        left = Promise.withResolvers();
      });
      tails.set(key, mine);
    },
    async below(limit) {
      while (size >= limit) await left.promise;
    },
    get size() {
      return size;
    },
  };
}
