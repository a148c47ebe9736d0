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
export async function openRawClient(base: string, connections: number) {
  const { hostname, port, host } = new URL(base);
  const idle: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port: Number(port), host: hostname, noDelay: true });
      await new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('error', reject));
      idle.push(socket);
      return socket;
    }),
  );
  const free = (socket: Socket): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(socket);
    else next(socket);
  };

  return {
    /** A request to place an order, to be sent any number of times. */
    write: (token: string, order: object): Buffer => {
      const body = JSON.stringify(order);
      return Buffer.from(
        `POST /api/v1/orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    },
    /** Latency counts from `plannedAt`. */
    async send(request: Buffer, plannedAt: number): Promise<RawAnswer> {
      const socket = idle.pop() ?? (await new Promise<Socket>((resolve) => void waiting.push(resolve)));
      socket.write(request);
      const text = await new Promise<string>((resolve, reject) => {
        socket.once('data', (data: Buffer) => resolve(data.toString('latin1')));
        socket.once('close', () => reject(new Error('The server closed the connection.')));
      });
      socket.removeAllListeners('close');
      free(socket);
      const orderId = /"order_id":"([^"]+)"/.exec(text)?.[1] ?? '';
      return { status: Number(text.slice(9, 12)), ms: performance.now() - plannedAt, orderId };
    },
    close: () => sockets.forEach((socket) => socket.destroy()),
  };
}

export type RawClient = Awaited<ReturnType<typeof openRawClient>>;
