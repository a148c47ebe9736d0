import { Ajv } from 'ajv';
import test from 'ava';
import { createEventsAsyncApi } from '../../contract/asyncapi-events.ts';
import { eventStreams, typeOf } from '../../contract/events.ts';
import { findBrokenReferences, isAsyncApi, lenient } from '../_support/asyncapi.ts';

interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: object }>>;
  readonly components: { readonly messages: Readonly<Record<string, object>> };
}

const document = createEventsAsyncApi('Pandora Exchange, events') as Document;

test('events document: as it is, is one by the published schema and refers to nothing that is missing', (t) => {
  t.true(isAsyncApi(document), JSON.stringify(isAsyncApi.errors));
  t.deepEqual(findBrokenReferences(document, document), []);
});

test('events document: every type of the contract, is a message of its stream', (t) => {
  for (const [stream, { events }] of Object.entries(eventStreams)) {
    const channel = Object.values(document.channels).find(({ address }) => address === stream);
    t.deepEqual(Object.keys(channel?.messages ?? {}), events.map(typeOf));
  }
  const types = Object.values(eventStreams).flatMap(({ events }) => events.map(typeOf));
  t.is(new Set(types).size, types.length, 'a type belongs to one stream');
  t.deepEqual(Object.keys(document.components.messages), types);
});

test('events document: an event with an unknown field or without one it needs, does not fit', (t) => {
  const fits = new Ajv(lenient)
    .addSchema(document, 'events')
    .compile({ $ref: 'events#/components/messages/deposit.credited/payload' });
  const id = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f';
  const event = {
    id,
    type: 'deposit.credited',
    version: 1,
    timestamp: '2026-01-05T09:30:00.000Z',
    trace_id: 'trace',
    user_id: id,
    payload: { deposit_id: id, asset: 'BTC', amount: '1.5' },
    metadata: { source: 'user-service' },
  };
  t.true(fits(event), JSON.stringify(fits.errors));
  t.false(fits({ ...event, payload: { ...event.payload, secret: 'x' } }));
  t.false(fits({ ...event, payload: { asset: 'BTC', amount: '1.5' } }));
  t.false(fits({ ...event, type: 'deposit.reported' }));
});
