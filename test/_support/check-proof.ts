import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/check-proof.mjs', import.meta.url));

export interface Checked {
  readonly status: number | null;
  readonly output: string;
}

export interface ProofFiles {
  readonly proof: unknown;
  readonly roots: unknown;
  readonly wallets?: unknown;
  readonly user?: string;
}

/** Runs the script that users check their proofs with, over answers of the exchange. */
export function checkProof({ proof, roots, wallets, user }: ProofFiles): Checked {
  const folder = mkdtempSync(join(tmpdir(), 'pandora-proof-'));
  const file = (name: string, content: unknown): string => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const args = [file('roots', roots)];
  if (user !== undefined) args.push('--user', user);
  if (wallets !== undefined) args.push('--wallets', file('wallets', wallets));
  const input = typeof proof === 'string' ? proof : JSON.stringify(proof);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { input, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { status, output: stdout + stderr };
}
