import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { ChannelReceiver, OpenChannel } from './channels.ts';

export interface Subscriptions {
  /**
   * Opens the channels that are not open yet: all of them, or none and throws what refused one. What they say is held
   * back until the function it answers is called.
   */
  add(names: readonly string[], caller: Caller | undefined, resume: string | undefined): () => void;
  remove(names: readonly string[]): void;
  /** Leaves every channel. */
  end(): void;
}

/** The channels that one connection follows, at most `limit` at a time. */
export function createSubscriptions(openChannel: OpenChannel, receiver: ChannelReceiver, limit: number): Subscriptions {
  const channels = new Map<string, () => void>();

  function openAll(names: readonly string[], open: (name: string) => () => void): void {
    const opened: string[] = [];
    try {
      for (const name of names) {
        channels.set(name, open(name));
        opened.push(name);
      }
    } catch (error) {
      remove(opened);
      throw error;
    }
  }

  function remove(names: readonly string[]): void {
    for (const name of names) {
      channels.get(name)?.();
      channels.delete(name);
    }
  }

  return {
    add(names, caller, resume) {
      const wanted = [...new Set(names)].filter((name) => !channels.has(name));
      if (channels.size + wanted.length > limit) {
        throw new DomainError('LIMIT_EXCEEDED', `Follow at most ${limit} channels.`);
      }
      const { held, release } = holdBack(receiver);
      openAll(wanted, (name) => openChannel(name, caller, held, resume));
      return release;
    },
    remove,
    end() {
      for (const leave of channels.values()) leave();
      channels.clear();
    },
  };
}

/** A receiver that keeps what it is sent until it is released; failures pass at once. */
function holdBack({ send, fail }: ChannelReceiver): { readonly held: ChannelReceiver; readonly release: () => void } {
  const first: string[] = [];
  let released = false;
  return {
    held: { send: (text) => (released ? send(text) : void first.push(text)), fail },
    release() {
      released = true;
      first.forEach(send);
    },
  };
}
