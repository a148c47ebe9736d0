import { createHmac, hash, randomBytes } from 'node:crypto';

/** A token nobody can guess: 256 random bits. */
export const newOpaqueToken = (): string => randomBytes(32).toString('base64url');

/** How tokens, addresses and devices are stored and compared. */
export const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

/** The n-th child of a refresh token: whoever lost the answer gets the same one again, and nothing needs storing. */
export const childToken = (key: Buffer, parent: string, generation: number): string =>
  createHmac('sha256', key).update(`${parent}\n${generation}`).digest('base64url');
