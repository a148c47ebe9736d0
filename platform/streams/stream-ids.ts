const parts = (id: string): readonly [bigint, bigint] => {
  const [ms = '0', seq = '0'] = id.split('-');
  return [BigInt(ms), BigInt(seq)];
};

/** Orders stream ids: negative when `a` came before `b`. */
export function compareStreamIds(a: string, b: string): number {
  const [[aMs, aSeq], [bMs, bSeq]] = [parts(a), parts(b)];
  if (aMs !== bMs) return aMs < bMs ? -1 : 1;
  return aSeq === bSeq ? 0 : aSeq < bSeq ? -1 : 1;
}

/** The smallest id that comes after this one. */
export function nextStreamId(id: string): string {
  const [ms, seq] = parts(id);
  return `${ms}-${seq + 1n}`;
}
