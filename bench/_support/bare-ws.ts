/**
 * The least a WebSocket fan-out can be, as a process of its own: what the websocket benchmark is compared with. Every
 * 20 ms all clients get one message. Told anything, it answers what it published when.
 */
import { WebSocketServer } from 'ws';
import type { Published } from './ws-clients.ts';

const everyMs = 20;
const published: Published[] = [];
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const filler = 'x'.repeat(160);

setInterval(() => {
  const sequence = published.length + 1;
  published.push({ lastSequence: sequence, at: performance.timeOrigin + performance.now() });
  const text = JSON.stringify({ type: 'update', first_sequence: sequence, last_sequence: sequence, data: filler });
  for (const client of server.clients) client.send(text);
}, everyMs);

server.on('listening', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.on('message', () => process.send?.(published));
