import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

export interface CodecKey {
  /** Stands beside each payload, so that older ones stay readable after a rotation. */
  readonly id: string;
  /** 32 bytes, base64. */
  readonly base64: string;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const encrypted = Buffer.from('binary/encrypted');

/**
 * Encrypts every payload (AES-256-GCM): Temporal's database, its UI and its backups see none. New payloads get the
 * first key; any listed key is read. A payload is data = iv ‖ tag ‖ ciphertext, with the key's id authenticated
 * beside it.
 */
export function createEncryptionCodec(keys: readonly [CodecKey, ...CodecKey[]]): PayloadCodec {
  const secrets = new Map(keys.map(({ id, base64 }) => [id, readKey(id, base64)]));
  const current = keys[0].id;

  const secretOf = (id: string): Buffer => {
    const secret = secrets.get(id);
    if (secret === undefined) throw new Error(`Payloads under key "${id}" cannot be read: the key is not configured`);
    return secret;
  };

  function encrypt(payload: Payload): Payload {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, secretOf(current), iv).setAAD(Buffer.from(current));
    const sealed = Buffer.concat([cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]);
    return {
      metadata: { encoding: encrypted, 'encryption-key-id': Buffer.from(current) },
      data: Buffer.concat([iv, cipher.getAuthTag(), sealed]),
    };
  }

  function decrypt(payload: Payload): Payload {
    const { metadata, data } = payload;
    // What is not ours (an officer's input typed without a codec, say) passes as it is.
    if (!data || !metadata?.['encoding'] || !encrypted.equals(metadata['encoding'])) return payload;
    const keyId = Buffer.from(metadata['encryption-key-id'] ?? []).toString();
    const decipher = createDecipheriv(algorithm, secretOf(keyId), data.subarray(0, ivBytes))
      .setAAD(Buffer.from(keyId))
      .setAuthTag(data.subarray(ivBytes, ivBytes + tagBytes));
    return PayloadMessage.decode(Buffer.concat([decipher.update(data.subarray(ivBytes + tagBytes)), decipher.final()]));
  }

  return {
    encode: async (payloads) => payloads.map(encrypt),
    decode: async (payloads) => payloads.map(decrypt),
  };
}

function readKey(id: string, base64: string): Buffer {
  const key = Buffer.from(base64, 'base64');
  if (key.length !== 32) throw new Error(`The payload key "${id}" must be 32 bytes in base64`);
  return key;
}
