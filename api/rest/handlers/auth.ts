import type { authOperations } from '../../../contract/auth.ts';
import type { IdentityService } from '../../../services/identity/identity.ts';
import { presentSessions, presentTokens, presentUser } from '../../present/user.ts';
import type { Handlers } from '../door.ts';

/** Registration, login, sessions and profile over REST. */
export const createAuthHandlers = (identity: IdentityService): Handlers<typeof authOperations> => ({
  async register({ body }, { origin }) {
    const { email, password, first_name: firstName, last_name: lastName } = body;
    const user = await identity.registration.register({ email, password, firstName, lastName }, origin);
    const { user_id, first_name, last_name } = presentUser(user);
    return { user_id, email: user.email, first_name, last_name };
  },
  async verifyEmail({ body }, { origin }) {
    const user = await identity.registration.verifyEmail(body.token, origin);
    return { user_id: user.userId, email_verified: true };
  },
  async resendVerification({ body }) {
    await identity.registration.resendVerification(body.email);
    return { accepted: true };
  },
  login: async ({ body }, { origin }) => presentTokens(await identity.login(body, origin)),
  refresh: async ({ body }, { origin }) => presentTokens(await identity.sessions.refresh(body.refresh_token, origin)),
  me: async (_input, { caller }) => presentUser(await identity.profile.me(caller)),
  async updateMe({ body }, { caller, origin }) {
    const names = { firstName: body.first_name, lastName: body.last_name };
    return presentUser(await identity.profile.updateMe(caller, names, origin));
  },
  sessions: async (_input, { caller }) => presentSessions(await identity.sessions.list(caller), caller.sessionId),
  async revokeSession({ params }, { caller, origin }) {
    await identity.sessions.revoke(caller, params.session_id, origin);
    return undefined;
  },
  async logout(_input, { caller, origin }) {
    await identity.sessions.logout(caller, origin);
    return undefined;
  },
  async logoutAll(_input, { caller, origin }) {
    await identity.sessions.logoutAll(caller, origin);
    return undefined;
  },
  async changePassword({ body }, { caller, origin }) {
    const change = { currentPassword: body.current_password, newPassword: body.new_password };
    await identity.protection.changePassword(caller, change, origin);
    return undefined;
  },
  async freeze({ body }, { origin }) {
    await identity.protection.freeze(body.token, origin);
    return undefined;
  },
  async stepUp({ body }, { caller, origin }) {
    await identity.secondFactor.stepUp(caller, body.totp, origin);
    return undefined;
  },
  enrolTotp: async (_input, { caller }) => identity.secondFactor.enrol(caller),
  async confirmTotp({ body }, { caller, origin }) {
    await identity.secondFactor.confirm(caller, body.totp, origin);
    return undefined;
  },
});
