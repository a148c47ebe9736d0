/** A mail the development catcher has received. */
export interface CaughtMail {
  readonly mail_id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly sent_at: string;
}

/** Reads the mail catcher's inbox at `url`: the mails to one address, oldest first. For development only. */
export async function readInbox(url: string, to: string): Promise<readonly CaughtMail[]> {
  const response = await fetch(`${url}/mails?to=${encodeURIComponent(to)}`, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`The mail catcher answers ${response.status}`);
  const { items } = (await response.json()) as { items: readonly CaughtMail[] };
  return items;
}
