/** What a customer is told of, beside orders and balances: in the words of the wire. */
export interface Notice {
  /** That of the event: a notice that comes twice has it twice. */
  readonly notice_id: string;
  readonly type: NoticeType;
  readonly created_at: string;
  readonly details: Readonly<Record<string, string | null>>;
}

/** The types of events that make a notice, and what it shows of them. */
const shown = {
  'user.password.changed': [],
  'user.session.revoked': ['session_id'],
  'user.logged_in': ['ip_address', 'user_agent'],
  'user.kyc.updated': ['kyc_status'],
  'deposit.credited': ['deposit_id', 'asset', 'amount'],
  'withdrawal.updated': ['withdrawal_id', 'asset', 'amount', 'status', 'reason'],
  'trade.busted': ['trade_id', 'symbol'],
  'balance.adjusted': ['adjustment_id', 'asset', 'amount', 'direction'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type NoticeType = keyof typeof shown;
export const noticeTypes = Object.keys(shown) as readonly NoticeType[];

export interface NoticedEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const isNoticed = (type: string): type is NoticeType => Object.hasOwn(shown, type);

/** A session that its owner ended, and a sign-in on a device known before, are no news. */
const isNews = (type: NoticeType, payload: NoticedEvent['payload']): boolean =>
  (type !== 'user.session.revoked' || payload['reason'] === 'theft') &&
  (type !== 'user.logged_in' || payload['new_device'] === true);

/** The notice that an event about a customer makes, if it makes one. */
export function noticeOf({ id, type, timestamp, payload }: NoticedEvent): Notice | undefined {
  if (!isNoticed(type) || !isNews(type, payload)) return undefined;
  const details = shown[type].map((name) => [name, (payload[name] ?? null) as string | null] as const);
  return { notice_id: id, type, created_at: timestamp, details: Object.fromEntries(details) };
}
