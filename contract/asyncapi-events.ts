import { eventStreams, typeOf } from './events.ts';
import { describe, type Json } from './json-schema.ts';

const description = `What the parts of the exchange tell one another on Redis Streams: one entry an event, its JSON in
the field \`event\`. Entries come at least once; drop repeats by \`id\`. Entries with a field \`only_group\` are
dead letters that were replayed, for that consumer group alone.`;

const reference = (where: string, name: string) => ({ $ref: `#/${where}/${name}` });

/** What a stream is called where names hold no colon or dot. */
const keyOf = (stream: string): string => stream.replace(/\W/g, '_');

/** The AsyncAPI 3.0 document of the events on Redis Streams, for those who run and extend the exchange. */
export function createEventsAsyncApi(title: string): object {
  const streams = Object.entries(eventStreams).map(([address, { about, events }]) => ({
    address,
    about,
    key: keyOf(address),
    events: events.map((schema) => ({ name: typeOf(schema), ...describe(schema) })),
  }));
  const all = streams.flatMap(({ events }) => events);
  return {
    asyncapi: '3.0.0',
    info: { title, version: '1.0.0', description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: { redis: { host: '{host}', protocol: 'redis', variables: { host: { default: 'localhost:6379' } } } },
    channels: Object.fromEntries(
      streams.map(({ key, address, about, events }) => {
        const messages = events.map(({ name }) => [name, reference('components/messages', name)] as const);
        return [key, { address, description: about, messages: Object.fromEntries(messages) }];
      }),
    ),
    operations: Object.fromEntries(
      streams.map(({ key, events }) => {
        const messages = events.map(({ name }) => reference(`channels/${key}/messages`, name));
        return [key, { action: 'send', channel: reference('channels', key), messages }];
      }),
    ),
    components: {
      messages: Object.fromEntries(all.map(({ name, payload }) => [name, { name, payload }])),
      schemas: Object.assign({}, ...all.map(({ definitions }) => definitions)) as Json,
    },
  };
}
