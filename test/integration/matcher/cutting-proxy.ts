import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** Where a connection breaks: before the server has heard the request, or when its answer is on the way back. */
export type Cut = 'request' | 'answer';

export interface CuttingProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Breaks the next connection that sends something with `text` in it. */
  cut(where: Cut, text: string): void;
  readonly cuts: number;
  close(): void;
}

/** A TCP proxy in front of PostgreSQL that loses connections at a chosen moment. */
export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let armed: { readonly where: Cut; readonly text: string } | undefined;
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname);
    let mute = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (data: Buffer) => {
      if (armed !== undefined && data.includes(armed.text)) {
        const { where } = armed;
        armed = undefined;
        cuts += 1;
        if (where === 'request') {
          end();
          return;
        }
        mute = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (mute) end();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut(where, text) {
      armed = { where, text };
    },
    get cuts() {
      return cuts;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
