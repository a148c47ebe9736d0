import type { StaffMember } from '../services/identity/staff.ts';

/**
 * The people of a development system, with fixed passwords and authenticators so that a newcomer can play them. They
 * are seeded where APP_ENV is dev, and nowhere else.
 */
export const devStaff: readonly (StaffMember & { readonly totpSecret: string })[] = [
  {
    email: 'admin@pandora.example',
    password: 'pandora dev admin',
    role: 'admin',
    totpSecret: 'PANDORADEVADMINAAAAAAAAAAAAAAAAA',
  },
  {
    email: 'olivia@pandora.example',
    password: 'pandora dev officer',
    role: 'compliance',
    totpSecret: 'PANDORADEVOLIVIAAAAAAAAAAAAAAAAA',
  },
  {
    email: 'oscar@pandora.example',
    password: 'pandora dev officer',
    role: 'compliance',
    totpSecret: 'PANDORADEVOSCARAAAAAAAAAAAAAAAAA',
  },
];
