import type { StatementLine } from '../../domain/payments/statement.ts';
import type { CustodyGateway, SignedTransfer } from './custody.ts';

const timeoutMs = 10_000;

/** A page as it is on the wire. */
interface Page {
  readonly lines: readonly (Omit<StatementLine, 'at'> & { readonly at: number })[];
  readonly next: string | null;
}

/** Custody at the development server (`dev-server.ts`), over HTTP. */
export function createDevCustody(url: string): CustodyGateway {
  async function ask<T>(path: string, body?: object): Promise<T | undefined> {
    const response = await fetch(`${url}${path}`, {
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`Custody answers ${response.status} to ${path}`);
    return (await response.json()) as T;
  }

  async function demand<T>(path: string, body?: object): Promise<T> {
    const answer = await ask<T>(path, body);
    if (answer === undefined) throw new Error(`Custody does not know ${path}`);
    return answer;
  }

  return {
    rail: 'dev',
    async statement(from = '0') {
      const { lines, next } = await demand<Page>(`/statement?from=${encodeURIComponent(from)}`);
      return { lines: lines.map((line) => ({ ...line, at: new Date(line.at) })), next: next ?? undefined };
    },
    sign: (transfer) => demand<SignedTransfer>('/sign', transfer),
    async broadcast({ bytes }) {
      await demand('/transactions', { bytes });
    },
    async confirmations(hash) {
      return (await ask<{ confirmations: number }>(`/transactions/${encodeURIComponent(hash)}`))?.confirmations;
    },
  };
}
