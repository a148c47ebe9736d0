import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { invariant } from '../../domain/errors.ts';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Seals secrets for storage. `owner` is bound in: a sealed secret moved to another row does not open. */
export interface SecretBox {
  seal(secret: Buffer, owner: string): Buffer;
  open(sealed: Buffer, owner: string): Buffer;
}

/** AES-256-GCM under a 32-byte key. A sealed secret is iv ‖ tag ‖ ciphertext. */
export function createSecretBox(key: Buffer): SecretBox {
  invariant(key.length === 32, 'the key of the secret box has 32 bytes');
  return {
    seal(secret, owner) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]);
    },
    open(sealed, owner) {
      const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(owner))
        .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
    },
  };
}
