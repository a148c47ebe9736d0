import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What may be wrong with a connection that is not simply gone: every byte 3 s late, 1 000 bytes a second, one that the
 * other end knows nothing of any more (what is sent vanishes, nobody says so), or one reset again and again.
 */
export const troubles = ['late', 'trickling', 'half-open', 'reset'] as const;
export type Trouble = (typeof troubles)[number];

/** Stands before a server and passes everything on, until told to make trouble. */
export interface Proxy {
  readonly port: number;
  /**
   * From now on, for open and new connections; undefined: none. Connections that were half open stay silent for ever,
   * as they would when the machine behind them was replaced.
   */
  readonly make: (trouble: Trouble | undefined) => void;
  readonly close: () => void;
}

const lateMs = 3_000;
const bytesPerSecond = 1_000;
const stepMs = 50;

export async function startProxy(host: string, port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let trouble: Trouble | undefined;
  /** Aborted when the trouble changes: what waits then goes on at once. */
  let change = new AbortController();

  const wait = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal: change.signal }).catch(() => undefined);

  /** Writes what came `at` this time, when and as the trouble allows. */
  async function pass(chunk: Buffer, to: Socket, at: number): Promise<void> {
    if (trouble === 'late') await wait(at + lateMs - performance.now());
    let left = chunk;
    while (trouble === 'trickling' && left.length > 0 && !to.destroyed) {
      const step = (bytesPerSecond * stepMs) / 1_000;
      to.write(left.subarray(0, step));
      left = left.subarray(step);
      await wait(stepMs);
    }
    if (left.length > 0 && !to.destroyed) to.write(left);
  }

  /** One direction of a connection. `isDead` tells whether it was half open once. */
  function shape(from: Socket, to: Socket, line: { isDead: boolean }): void {
    let passing = Promise.resolve();
    let held = 0;
    from.on('data', (chunk: Buffer) => {
      line.isDead ||= trouble === 'half-open';
      if (line.isDead) return;
      const at = performance.now();
      held += chunk.length;
      // As a real link does: who sends more than it takes has to wait.
      if (held > 65_536) from.pause();
      passing = passing.then(async () => {
        if (!line.isDead) await pass(chunk, to, at);
        held -= chunk.length;
        if (held <= 65_536) from.resume();
      });
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      void passing.then(() => {
        if (!line.isDead) to.destroy();
      });
    });
  }

  const server = createServer((caller) => {
    const onward = connect(port, host);
    for (const socket of [caller, onward]) sockets.add(socket.setNoDelay(true));
    const line = { isDead: false };
    shape(caller, onward, line);
    shape(onward, caller, line);
    if (trouble === 'reset') caller.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    make(next) {
      trouble = next;
      change.abort();
      change = new AbortController();
      if (trouble === 'reset') for (const socket of sockets) socket.resetAndDestroy();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
