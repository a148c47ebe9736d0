import { type ClientReadableStream, credentials, makeClientConstructor } from '@grpc/grpc-js';
import { loadProtos, serviceIn } from '../../api/grpc/protos.ts';
import type { Rpc } from '../integration/grpc/kit.ts';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A caller's connection, and what came of it. */
export interface RawCaller {
  readonly socket: Socket;
  /** What was heard so far. */
  readonly heard: () => string;
  /** Resolves to the milliseconds after which the other side ended it. */
  readonly ended: Promise<number>;
}

/** A TCP connection that says just what it is told. */
export async function callRaw(url: string): Promise<RawCaller> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const since = performance.now();
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve(performance.now() - since));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return { socket, heard: () => heard, ended };
}

/** The head of a request, without its empty last line. */
export const head = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'host: localhost', ...headers, ''].join('\r\n');

/** Sends `count` bytes one by one, until the other side has had enough. */
export async function drip({ socket }: RawCaller, byte: string, everyMs: number): Promise<void> {
  while (socket.writable && !socket.destroyed) {
    socket.write(byte);
    await sleep(everyMs);
  }
}

/** Sends up to `bytes` as fast as they are taken; answers how many were, until the other side closed. */
export async function pour({ socket }: RawCaller, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const before = socket.bytesWritten;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
    if (socket.write(chunk)) continue;
    await Promise.race([closed, new Promise<void>((resolve) => socket.once('drain', resolve))]);
  }
  return socket.bytesWritten - before - socket.writableLength;
}

/** Opens `count` HTTP/2 streams and takes each back at once. Resolves when the other side ended it, or after all. */
export async function resetRapidly(address: string, count: number): Promise<'ended' | 'all sent'> {
  const session = connectHttp2(`http://${address}`);
  session.on('error', () => undefined);
  const ended = new AbortController();
  for (const event of ['close', 'goaway']) session.on(event, () => ended.abort());
  for (let sent = 0; sent < count && !ended.signal.aborted; sent += 1) {
    const stream = session.request({ ':method': 'POST', ':path': '/pandora.v1.OrderService/PlaceOrder' });
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_CANCEL);
    if (sent % 100 === 0) await sleep(0);
  }
  await sleep(500);
  session.destroy();
  return ended.signal.aborted ? 'ended' : 'all sent';
}

/** `count` at a time, as fast as they can be made. */
export async function many<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const batch = Array.from({ length: Math.min(100, count - made.length) }, (_, index) => make(made.length + index));
    made.push(...(await Promise.all(batch)));
  }
  return made;
}

/** The status that a unary call with these bytes as its message ends with. */
export async function sendRaw(address: string, token: string, message: Buffer): Promise<string> {
  const session = connectHttp2(`http://${address}`);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const call = session.request({
    ':method': 'POST',
    ':path': '/pandora.v1.OrderService/PlaceOrder',
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${token}`,
  });
  call.end(Buffer.concat([prefix, message]));
  const ended = new Promise<string>((resolve, reject) => {
    const hear = ({ 'grpc-status': status }: Record<string, string | undefined>) => {
      if (status !== undefined) resolve(status);
    };
    call.on('response', hear).on('trailers', hear).on('error', reject).resume();
  });
  return ended.finally(() => session.destroy());
}

/** Follows the book many times over. */
export function openStreams(address: string, connections: number, streams: number) {
  const definition = serviceIn(loadProtos(), 'MarketDataService');
  const clients = Array.from({ length: connections }, () => {
    const made = makeClientConstructor(definition, 'MarketDataService');
    return new made(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }) as unknown as Rpc;
  });
  const calls: ClientReadableStream<unknown>[] = [];
  let messages = 0;
  for (const client of clients) {
    for (let count = 0; count < streams; count += 1) {
      const call = client['StreamDepth']!({ symbol: 'BTC-USDT' }) as ClientReadableStream<unknown>;
      calls.push(call);
      call.on('data', () => (messages += 1)).on('error', () => undefined);
    }
  }
  const close = (): void => {
    for (const call of calls) call.cancel();
    for (const client of clients) client.close();
  };
  return { heard: () => messages, close };
}
