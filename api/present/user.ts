import type { authOperations } from '../../contract/auth.ts';
import type { Reply } from '../../contract/operation.ts';
import type { User } from '../../domain/identity/user.ts';
import type { SessionTokens } from '../../services/identity/open-session.ts';
import type { ListedSession } from '../../services/identity/sessions.ts';

export const presentUser = (user: User): Reply<typeof authOperations.me> => ({
  user_id: user.userId,
  email: user.email,
  first_name: user.firstName ?? null,
  last_name: user.lastName ?? null,
  role: user.role,
  kyc_status: user.kycStatus,
  email_verified: user.verifiedAt !== undefined,
  created_at: user.createdAt.toISOString(),
});

export const presentTokens = (tokens: SessionTokens): Reply<typeof authOperations.login> => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: 'Bearer',
  expires_in: tokens.expiresInSeconds,
  session_id: tokens.sessionId,
});

export const presentSessions = (
  sessions: readonly ListedSession[],
  currentId: string,
): Reply<typeof authOperations.sessions> => ({
  items: sessions.map((session) => ({
    session_id: session.sessionId,
    user_agent: session.userAgent,
    ip_address: session.ipAddress ?? null,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    current: session.sessionId === currentId,
  })),
  next_cursor: null,
});
