import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { totpPeriodMs, totpStepOf } from '../../domain/identity/totp.ts';
import { waitFor } from '../../scripts/demo/story.ts';
import { devStaff } from '../../scripts/staff.ts';
import { decodeTotpSecret, totpCode } from '../../services/identity/one-time-codes.ts';
import type { Recorded } from '../../temporal/names/decide.ts';

/** An officer of the development staff, with her authenticator. */
export interface Officer {
  readonly email: string;
  /** A code of hers that counts now and that she did not take before; waits for one. */
  readonly freshCode: () => Promise<string>;
}

/** A code with less time left than this could be too old when it is looked at. */
const marginMs = 2_000;

export function createOfficer(email: string): Officer {
  const member = devStaff.find((each) => each.email === email);
  if (member === undefined) throw new Error(`There is no officer ${email}.`);
  const secret = decodeTotpSecret(member.totpSecret);
  const taken = new Set<number>();
  return {
    email,
    async freshCode() {
      for (;;) {
        const left = totpPeriodMs - (Date.now() % totpPeriodMs);
        if (left < marginMs) await sleep(left);
        const now = totpStepOf(new Date());
        const step = [now, now + 1, now - 1].find((each) => !taken.has(each));
        if (step !== undefined) {
          taken.add(step);
          return totpCode(secret, new Date(step * totpPeriodMs));
        }
        await sleep(totpPeriodMs - (Date.now() % totpPeriodMs));
      }
    },
  };
}

/** The revision of the facts a workflow asks officers about; waits until it asks. */
const askedRevision = (handle: WorkflowHandle): Promise<string> =>
  waitFor(`${handle.workflowId} to ask officers`, async () => {
    // Its workflow may not have been started yet.
    const shown = await handle.query<{ state: string; revision: string } | null>('describe').catch(() => null);
    return /^review$/i.test(shown?.state ?? '') ? shown?.revision : undefined;
  });

export interface Decided extends Recorded {
  readonly updateId: string;
  readonly runId: string;
}

/** Sends the update `decide` as the Web UI does: an approval with a fresh code, or `other` than that. */
export async function decide(
  client: Client,
  workflowId: string,
  officer: Officer,
  other: Readonly<Record<string, unknown>> = {},
): Promise<Decided> {
  const handle = client.workflow.getHandle(workflowId);
  const decision = {
    officer: officer.email,
    code: other['code'] ?? (await officer.freshCode()),
    revision: await askedRevision(handle),
    outcome: 'approve',
    reason: 'Documents and data agree.',
    ...other,
  };
  const updateId = randomUUID();
  const { runId } = await handle.describe();
  const recorded = await handle.executeUpdate<Recorded, [unknown]>('decide', { args: [decision], updateId });
  return { ...recorded, updateId, runId };
}
