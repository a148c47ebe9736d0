import { DomainError } from '../../domain/errors.ts';
import { nameFault } from '../../domain/identity/name.ts';
import type { Caller, User } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { findUser, updateProfile } from '../../storage/identity/users.ts';
import { refuseFaults } from './faults.ts';
import type { IdentityParts } from './parts.ts';

export interface ProfileService {
  /** The account of the caller. Throws NOT_FOUND when it was deleted. */
  me(caller: Caller): Promise<User>;
  /** Sets the names that are given; the others stay. */
  updateMe(caller: Caller, names: ProfileNames, origin: Origin): Promise<User>;
}

export interface ProfileNames {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
}

export function createProfile({ db, clock, record, kickOutbox }: IdentityParts): ProfileService {
  return {
    me: async ({ userId }) => (await findUser(db, userId)) ?? missing(),
    async updateMe({ userId }, names, origin) {
      const { firstName, lastName } = names;
      refuseFaults({ '/first_name': nameFault(firstName ?? ''), '/last_name': nameFault(lastName ?? '') });
      const at = clock();
      const user = await db.tx('update-profile', async (tx) => {
        const updated = (await updateProfile(tx, { firstName, lastName, userId, at })) ?? missing();
        const payload = {
          email: updated.email,
          first_name: updated.firstName ?? null,
          last_name: updated.lastName ?? null,
        };
        const event = { userId, type: 'user.profile.updated', payload };
        const details = { first_name: firstName !== undefined, last_name: lastName !== undefined };
        const what = { action: 'user.update_profile', resource: 'user', resourceId: userId, details };
        await record(tx, { ...what, userId, event, origin, at });
        return updated;
      });
      kickOutbox();
      return user;
    },
  };
}

function missing(): never {
  throw new DomainError('NOT_FOUND', 'There is no such user.');
}
