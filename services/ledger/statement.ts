import { parseDecimal } from '../../domain/money.ts';
import type { StatementLine } from '../../domain/payments/statement.ts';
import type { StatementGateway } from '../../gateways/custody/custody.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';

export interface Statement {
  readonly rail: string;
  readonly lines: readonly StatementLine[];
  /** When reading it began. */
  readonly readAt: Date;
}

/** The custodian's whole statement; undefined when it cannot be had. `over` ends it early, with its reason. */
export type ReadStatement = (over?: AbortSignal) => Promise<Statement | undefined>;

interface Deps {
  readonly custody: StatementGateway;
  readonly clock: Clock;
  readonly log: Logger;
}

/** As the database counts: every asset's amounts are exact in it. */
const scale = 18;

/** Reads statements page by page. A custodian who is away, or says what nobody can read, is logged. */
export function createStatementReading({ custody, clock, log }: Deps): ReadStatement {
  async function read(over?: AbortSignal): Promise<readonly StatementLine[]> {
    const lines: StatementLine[] = [];
    let next: string | undefined;
    do {
      over?.throwIfAborted();
      const page = await custody.statement(next);
      for (const line of page.lines) {
        parseDecimal(line.amount, scale);
        lines.push(line);
      }
      next = page.next;
    } while (next !== undefined);
    return lines;
  }

  return async (over) => {
    const readAt = clock();
    try {
      return { rail: custody.rail, lines: await read(over), readAt };
    } catch (err) {
      over?.throwIfAborted();
      log.warn({ err, component: 'reconciler' }, 'The custodian gives no statement: the books are checked without it');
      return undefined;
    }
  };
}
