import type { Server } from 'node:net';

/** Connections that may wait to be taken in: when all clients come back at once, those beyond wait for seconds. */
const backlog = 4_096;

/** Listens, and resolves to the port that was taken. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
