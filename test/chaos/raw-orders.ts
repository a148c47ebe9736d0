import { connect, type Socket } from 'node:net';

/** What came of one request: its status, and the order's id if it was placed. */
export interface RawAnswer {
  readonly status: number;
  readonly ms: number;
  readonly orderId: string;
}

/**
 * Sends requests that were written beforehand over kept connections, for a small part of what a client costs: one that
 * shares the machine with what it loads must not take its time. Answers must be short, each in one piece.
 */
export function openRawClient(base: string, connections: number) {
  const { hostname, port, host } = new URL(base);
  const idle: Socket[] = [];
  const waiting: (() => void)[] = [];
  let open = 0;

  /** A connection that nobody uses: kept, or new while there may be more. The server closes those that rest. */
  async function take(): Promise<Socket> {
    for (;;) {
      const kept = idle.pop();
      if (kept?.destroyed === false) return kept;
      if (kept !== undefined) open -= 1;
      else if (open < connections) return connectAnew();
      else await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  }

  async function connectAnew(): Promise<Socket> {
    open += 1;
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    await new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  return {
    /** A request to place an order, to be sent any number of times. */
    write: (token: string, order: object): Buffer => {
      const body = JSON.stringify(order);
      return Buffer.from(
        `POST /api/v1/orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    },
    /** Latency counts from when it is sent: what waits here for its turn does so for want of our own time. */
    async send(request: Buffer): Promise<RawAnswer> {
      const socket = await take();
      const sentAt = performance.now();
      socket.write(request);
      const text = await new Promise<string>((resolve, reject) => {
        socket.once('data', (data: Buffer) => resolve(data.toString('latin1')));
        socket.once('close', () => reject(new Error('The server closed the connection.')));
      });
      socket.removeAllListeners('close');
      idle.push(socket);
      waiting.shift()?.();
      const orderId = /"order_id":"([^"]+)"/.exec(text)?.[1] ?? '';
      return { status: Number(text.slice(9, 12)), ms: performance.now() - sentAt, orderId };
    },
    close: () => idle.forEach((socket) => socket.destroy()),
  };
}

export type RawClient = ReturnType<typeof openRawClient>;
