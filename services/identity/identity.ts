import { type AccountService, createAccounts } from './accounts.ts';
import { type AuthenticationService, createAuthentication } from './authentication.ts';
import { createLogin, type LoginService } from './login.ts';
import { createOfficerProof, type OfficerProofService } from './officer-proof.ts';
import type { IdentityDeps, IdentityParts } from './parts.ts';
import { createProfile, type ProfileService } from './profile.ts';
import { createProtection, type ProtectionService } from './protection.ts';
import { createReadyUsers, type ReadyUserService } from './ready-users.ts';
import { createRecorder } from './records.ts';
import { createRegistration, type RegistrationService } from './registration.ts';
import { createRegistrationSteps, type RegistrationSteps } from './registration-steps.ts';
import { createSecondFactor, type SecondFactorService } from './second-factor.ts';
import { createSessions, type SessionService } from './sessions.ts';
import { createStaff, type StaffService } from './staff.ts';

/** Who may enter, as whom, and until when. */
export interface IdentityService {
  readonly registration: RegistrationService;
  /** For the registration workflow. */
  readonly registrationSteps: RegistrationSteps;
  readonly login: LoginService['login'];
  readonly authenticate: AuthenticationService['authenticate'];
  readonly sessions: SessionService;
  readonly secondFactor: SecondFactorService;
  readonly profile: ProfileService;
  readonly protection: ProtectionService;
  readonly accounts: AccountService;
  /** For compliance decisions. */
  readonly proveOfficer: OfficerProofService['proveOfficer'];
  readonly staff: StaffService;
  /** For development and load tests only. */
  readonly readyUsers: ReadyUserService;
}

export function createIdentityService(deps: IdentityDeps): IdentityService {
  const parts: IdentityParts = { ...deps, record: createRecorder(deps) };
  const accounts = createAccounts(parts);
  return {
    registration: createRegistration(parts),
    registrationSteps: createRegistrationSteps(parts),
    login: createLogin(parts).login,
    authenticate: createAuthentication(parts).authenticate,
    sessions: createSessions(parts),
    secondFactor: createSecondFactor(parts),
    profile: createProfile(parts),
    protection: createProtection(parts),
    accounts,
    proveOfficer: createOfficerProof(parts).proveOfficer,
    staff: createStaff(parts),
    readyUsers: createReadyUsers(parts, accounts),
  };
}
