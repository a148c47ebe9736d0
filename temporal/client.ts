import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../platform/config/config.ts';
import { createEncryptionCodec } from './codec/encryption-codec.ts';

type TemporalConfig = Config['temporal'];

/** How every client and worker of the exchange writes payloads: encrypted. */
export const createDataConverter = ({
  codecKey,
  codecKeyId,
}: Pick<TemporalConfig, 'codecKey' | 'codecKeyId'>): DataConverter => ({
  payloadCodecs: [createEncryptionCodec([{ id: codecKeyId, base64: codecKey.reveal() }])],
});

/**
 * A client that connects at its first call and reconnects by itself: Temporal being away fails calls, never a start.
 * `close` ends the connection.
 */
export function createTemporalClient(config: TemporalConfig): {
  readonly client: Client;
  readonly close: () => Promise<void>;
} {
  const connection = Connection.lazy({
    address: config.address,
    // The default waits up to two minutes before it looks again for a server that was away.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 },
  });
  const client = new Client({ connection, namespace: config.namespace, dataConverter: createDataConverter(config) });
  return { client, close: () => connection.close() };
}
