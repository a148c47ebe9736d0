import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export type TokenPurpose = 'verify' | 'reset' | 'freeze';

const sql = {
  add: sqlFile('add-email-token.sql', import.meta.url),
  find: sqlFile('find-email-token.sql', import.meta.url),
};

/** Stores the SHA-256 of a mailed token. False when the user is gone. */
export async function addEmailToken(
  db: Db,
  token: {
    readonly tokenHash: Buffer;
    readonly userId: string;
    readonly purpose: TokenPurpose;
    readonly expiresAt: Date;
    readonly createdAt: Date;
  },
): Promise<boolean> {
  return (await db.oneOrNone(sql.add, token)) !== null;
}

/** Whose token this is; undefined when it is unknown, of another purpose or expired. */
export async function findEmailToken(
  db: Db,
  token: { readonly tokenHash: Buffer; readonly purpose: TokenPurpose; readonly at: Date },
): Promise<string | undefined> {
  return (await db.oneOrNone<{ user_id: string }>(sql.find, token))?.user_id;
}
