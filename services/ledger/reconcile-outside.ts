import type { Db } from '../../storage/db.ts';
import type { Crossed, StatementToCompare, SumSent, WrongCrossing, WrongLine } from '../../storage/payments/outside.ts';
import type { Break, ReconciliationDeps } from './reconcile.ts';
import type { Statement } from './statement.ts';

/** What deposits and withdrawals say of money that crossed the line to the outside. */
export interface OutsideBook {
  wrongCrossings(db: Db): Promise<readonly WrongCrossing[]>;
  wrongLines(db: Db, statement: StatementToCompare): Promise<readonly WrongLine[]>;
  sumSent(db: Db, statement: StatementToCompare): Promise<readonly SumSent[]>;
}

/** What was compared with the custodian's statement. */
export interface StatementCheck {
  /** When reading it began. */
  readonly readAt: Date;
  readonly lines: number;
  readonly sums: readonly SumSent[];
}

/** Longer than it takes to report what came, and than clocks differ. */
const noticedWithinMs = 5 * 60_000;

/** Deposits and withdrawals without their transfer, transfers from or to the outside without theirs, or other ones. */
export async function findWrongCrossings({ outside }: ReconciliationDeps, tx: Db): Promise<readonly Break[]> {
  return (await outside.wrongCrossings(tx)).map(({ transferId, noted, posted }) => ({
    check: 'crossings',
    subject: noted === undefined ? `transfer ${transferId}` : `${noted.kind.toLowerCase()} ${noted.journalId}`,
    assets: assetsOf(noted, posted),
    finding: crossingFinding({ noted, posted }),
  }));
}

function crossingFinding({ noted, posted }: Pick<WrongCrossing, 'noted' | 'posted'>): string {
  const moves = posted && `moves ${crossed(posted)} (${posted.kind} of ${posted.journalId})`;
  if (noted === undefined) return `${moves}, which is no credited deposit and no settled withdrawal`;
  return `is of ${crossed(noted)}, ${moves === undefined ? 'and has no transfer' : `its transfer ${moves}`}`;
}

const crossed = ({ amount, asset, outgoing, userId, rail }: Crossed): string =>
  `${amount} ${asset} ${outgoing ? 'from' : 'to'} ${userId ?? 'no user'} over ${rail ?? 'no rail'}`;

/**
 * Compares a statement, read before this snapshot began, with the books: what was sent is stored before it is sent, so
 * that nothing is unknown for being on its way; what was settled since may be missing on it.
 */
export async function compareStatement(
  { outside }: ReconciliationDeps,
  tx: Db,
  { rail, lines, readAt }: Statement,
): Promise<{ readonly compared: StatementCheck; readonly breaks: readonly Break[] }> {
  const statement = { rail, lines, before: new Date(readAt.getTime() - noticedWithinMs) };
  const wrong = await outside.wrongLines(tx, statement);
  const sums = await outside.sumSent(tx, statement);
  return {
    compared: { readAt, lines: lines.length, sums },
    breaks: [
      ...wrong.map(toBreak),
      ...sums
        .filter(({ stated, booked }) => stated !== booked)
        .map(({ asset, stated, booked }) => ({
          check: 'statement' as const,
          subject: asset,
          assets: [asset],
          finding: `${stated} left by the statement, ${booked} by the clearing account of ${rail}`,
        })),
    ],
  };
}

/** What a line is of, and what it is when nothing is known of it. */
const subjects = { out: ['withdrawal', 'transaction'], in: ['deposit', 'incoming transfer'] } as const;

function toBreak({ direction, reference, id, known, times, line }: WrongLine): Break {
  const [ours, theirs] = subjects[direction];
  const stated = line === undefined ? 'is not on the statement' : `is on the statement as ${content(line)}`;
  return {
    check: 'statement',
    subject: id === undefined ? `${theirs} ${reference}` : `${ours} ${id}`,
    assets: assetsOf(known, line),
    finding: [
      stated,
      ...(times > 1 ? [`${times} times`] : []),
      known === undefined ? 'and nothing is known of it' : `and here as ${content(known)} by ${reference}`,
    ].join(', '),
  };
}

const content = ({ amount, asset, to }: NonNullable<WrongLine['line']>): string =>
  `${amount} ${asset}${to === undefined ? '' : ` to ${to}`}`;

const assetsOf = (...of: readonly ({ readonly asset: string } | undefined)[]): readonly string[] => [
  ...new Set(of.flatMap((each) => (each === undefined ? [] : [each.asset]))),
];
