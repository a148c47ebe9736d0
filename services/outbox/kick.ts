import type { Redis } from 'ioredis';
import type { Relay } from './relay.ts';

const channel = 'outbox.kick';

/**
 * Tells the relay, in whichever process it runs, that something was just committed. Call it after a commit and do not
 * wait: it is a hint that may be lost, since the relay also polls. Kicks made together travel as one.
 */
export function createKick(redis: Redis): () => void {
  let underway = false;
  return () => {
    if (underway) return;
    underway = true;
    redis
      .publish(channel, '')
      .catch(() => undefined)
      .finally(() => {
        underway = false;
      });
  };
}

/** Passes kicks on to this process' relay. The connection waits while Redis is away, and must serve nothing else. */
export function listenForKicks(subscriber: Redis, relay: Pick<Relay, 'kick'>): void {
  subscriber.on('message', () => relay.kick());
  // Rejects only when the connection is closed for good, and is taken up again by itself after every loss.
  subscriber.subscribe(channel).catch(() => undefined);
}
