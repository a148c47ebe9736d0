/** What every event of a market channel says of its place among the others. */
export interface Sequenced {
  readonly type: 'snapshot' | 'update' | 'reset';
  readonly first_sequence: number;
  readonly last_sequence: number;
}

/** `early`: an update before the first snapshot, left over from a subscription that was ended. */
export type Place = 'next' | 'gap' | 'early';

/** Makes a check that tells of each event in turn whether it follows the one before. After a gap it waits anew. */
export function createSequence(): (event: Sequenced) => Place {
  let last: number | undefined;
  return ({ type, first_sequence, last_sequence }) => {
    if (type === 'update') {
      if (last === undefined) return 'early';
      if (first_sequence !== last + 1) {
        last = undefined;
        return 'gap';
      }
    }
    last = last_sequence;
    return 'next';
  };
}
