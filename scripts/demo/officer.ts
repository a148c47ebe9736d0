import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { decodeTotpSecret, totpCode } from '../../services/identity/one-time-codes.ts';
import { run } from '../setup/commands.ts';
import { devStaff } from '../staff.ts';
import { waitFor } from './story.ts';

export interface Desk {
  /** The temporal CLI. */
  readonly program: string;
  readonly client: Client;
  readonly env: Readonly<Record<string, string>>;
}

/** Codes count once each: after the current one the next and the one before still do. */
const steps = [0, 30_000, -30_000];

/**
 * Approves a case as an officer would: reads its facts, then sends the update `decide` through Temporal (here with the
 * CLI; the Web UI's form sends the same). Waits for a fresh code when the officer's are used up.
 */
export async function approve(desk: Desk, workflowId: string, officer: string, reason: string): Promise<string> {
  const revision = await waitFor(`${workflowId} to wait for an officer`, () => revisionOf(desk.client, workflowId));
  const member = devStaff.find(({ email }) => email === officer);
  if (member === undefined) throw new Error(`There is no officer ${officer}`);
  for (let attempt = 0; attempt < 6; attempt += 1) {
    for (const offset of steps) {
      const code = totpCode(decodeTotpSecret(member.totpSecret), new Date(Date.now() + offset));
      const decision = { officer, code, revision, outcome: 'approve', reason };
      try {
        return await sendUpdate(desk, workflowId, decision);
      } catch (error) {
        if (!/used/i.test(String(error))) throw error;
      }
    }
    await sleep(10_000);
  }
  throw new Error(`${officer} found no unused code for ${workflowId}`);
}

/** The revision of the facts an officer is asked about; undefined while nobody is asked. */
async function revisionOf(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const facts: { state?: string; revision?: string } | null = await client.workflow
      .getHandle(workflowId)
      .query('describe');
    return /^review$/i.test(facts?.state ?? '') ? facts?.revision : undefined;
  } catch {
    return undefined;
  }
}

async function sendUpdate({ program, env }: Desk, workflowId: string, decision: object): Promise<string> {
  const output = await run(program, [
    ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', 'decide'],
    ...['--input', JSON.stringify(decision), '--output', 'json'],
    ...['--address', env['TEMPORAL_ADDRESS'] ?? '', '--namespace', env['TEMPORAL_NAMESPACE'] ?? ''],
    ...['--codec-endpoint', `http://127.0.0.1:${env['TEMPORAL_CODEC_PORT'] ?? ''}`],
  ]);
  const { result } = JSON.parse(output) as { result?: { message?: string } };
  return result?.message ?? 'recorded';
}
