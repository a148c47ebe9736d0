import type { z } from 'zod';
import { describe, type Json } from './json-schema.ts';
import { ClientMessage, closeCodes, serverMessages } from './websocket.ts';

type ServerMessage = keyof typeof serverMessages;

const closes: Readonly<Record<keyof typeof closeCodes, string>> = {
  restart: 'the server stops; connect again',
  tryLater: 'a channel broke, or a session could not be checked; connect again later',
  login: 'the token is no good, or the session has ended',
  tooSlow: 'more than 1 MiB was waiting for you; connect again, and read faster',
  limits: 'too many messages',
};

const description = `One connection, many channels. Send \`{op: "subscribe", channels}\`; every message is answered by
\`{op, ok}\` in the order they came. A channel begins with a \`snapshot\`; then come \`update\`s, and a \`reset\` is a
snapshot that was not asked for. Market data needs no login; \`orders\`, \`balances\` and \`notifications\` need
\`{op: "auth", token}\` first, or \`?token=\`.

\`orders\` goes on where you were when you send the last \`cursor\` that you have seen as \`resume\`, within 24 hours:
\`update\`s with \`resumed: true\` bring what you missed, in order; when that cannot be told any more, a \`snapshot\`
with \`resumed: false\` comes instead.

Sequences of \`depth\` are the book's, those of the other market channels the trades'. In \`depth\`, \`trades\` and
\`candles\` an update's \`first_sequence\` follows the \`last_sequence\` before it; where it does not, something is
missing: subscribe anew. Quantities of \`depth\` replace those at their price, and "0" takes the level away. The
\`crc32\` of every 100th update is that of the ten best bids, then asks, as \`price:quantity\` joined by \`:\`.

The server closes with ${Object.entries(closeCodes)
  .map(([name, code]) => `${code} (${closes[name as keyof typeof closeCodes]})`)
  .join(', ')}.`;

const purposes: Readonly<Record<ServerMessage | ClientMessage['op'], string>> = {
  auth: 'Sign in, or renew the token before it ends',
  subscribe: 'Follow channels, at most 64 at a time; all of them or none',
  unsubscribe: 'Leave channels',
  ping: 'Ask for an answer',
  answer: 'The answer to a message of yours',
  depth: 'What rests in a book',
  trades: 'The trades of a market, oldest first',
  ticker: 'The last 24 hours of a market',
  candles: 'Candles that changed, each as it is now',
  orders: 'Your open orders, then what changes',
  balances: 'All that you have',
  notifications: 'What happens to your account: sign-ins, deposits, withdrawals, decisions',
  serverShutdown: 'The server is about to close the connection',
};

/** The AsyncAPI 3.0 document of the WebSocket at `/ws`. */
export function createAsyncApi(title: string): object {
  const fromClient = ClientMessage.options.map((schema) => [schema.shape.op.value, schema] as const);
  const fromServer = Object.entries(serverMessages) as [ServerMessage, z.ZodType][];
  const described = [...fromClient, ...fromServer].map(([name, schema]) => [name, describe(schema)] as const);
  const messages = described.map(([name, { payload }]) => {
    const message = { name, summary: purposes[name], payload };
    return [name, message] as const;
  });
  return {
    asyncapi: '3.0.0',
    info: { title, version: '1.0.0', description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      exchange: { host: '{host}', protocol: 'ws', variables: { host: { default: 'localhost:8080' } } },
    },
    channels: {
      exchange: {
        address: '/ws',
        messages: Object.fromEntries(messages.map(([name]) => [name, reference('components/messages', name)])),
        bindings: { ws: { query: { type: 'object', properties: { token: { type: 'string' } } } } },
      },
    },
    operations: {
      ...Object.fromEntries(fromClient.map(([name]) => [name, receive(name)])),
      ...Object.fromEntries(fromServer.filter(([name]) => name !== 'answer').map(([name]) => [name, send(name)])),
    },
    components: {
      messages: Object.fromEntries(messages),
      schemas: Object.assign({}, ...described.map(([, { definitions }]) => definitions)) as Json,
    },
  };
}

const channel = { $ref: '#/channels/exchange' };
const reference = (where: string, name: string): Json => ({ $ref: `#/${where}/${name}` });

/** Actions are named from the server's side. */
const receive = (name: string): Json => ({
  action: 'receive',
  channel,
  messages: [reference('channels/exchange/messages', name)],
  reply: { channel, messages: [reference('channels/exchange/messages', 'answer')] },
});

const send = (name: string): Json => ({
  action: 'send',
  channel,
  messages: [reference('channels/exchange/messages', name)],
});
