import type { WebSocket } from 'ws';
import { ClientMessage } from '../../contract/websocket.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { toProblem } from '../present/problem.ts';
import { validate } from '../validate.ts';
import type { OpenChannel } from './channels.ts';
import { createOutlet } from './outlet.ts';
import { type ConnectionSession, createSession } from './session.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

export interface ConnectionDeps {
  readonly authenticate: (token: string, origin: Origin) => Promise<Caller>;
  readonly openChannel: OpenChannel;
  readonly onFault: (error: unknown) => void;
  readonly limits: ConnectionLimits;
}

export interface ConnectionLimits {
  readonly channels: number;
  /** Bytes that may wait for a reader; one message may exceed it. */
  readonly unsentBytes: number;
  /** Messages a client may send in ten seconds. */
  readonly messages: number;
}

export interface Connection {
  /** Takes in what the client sent, one message after the other. */
  receive(text: string): void;
  /** Proves a token that came with the address. */
  signIn(token: string): void;
  /** Checks that a signed-in client's session still lives; closes the connection if not. */
  recheck(): Promise<void>;
  /** Says that the server stops, and closes. */
  shutDown(secondsLeft: number): void;
  /** Ends every subscription, once the socket has closed. */
  end(): void;
}

/** One client of the WebSocket: who they are, and what they follow. */
export function createConnection(socket: WebSocket, origin: Origin, deps: ConnectionDeps): Connection {
  const { limits } = deps;
  const outlet = createOutlet(socket, limits.unsentBytes, end);
  const session = createSession((token) => deps.authenticate(token, origin));
  const subscriptions = createSubscriptions(deps.openChannel, { send: outlet.send, fail }, limits.channels);
  const act = createActions(session, subscriptions, outlet.send);
  const isAllowed = createAllowance(limits.messages);
  let work = Promise.resolve();

  function end(): void {
    subscriptions.end();
  }

  function reportFault(error: unknown): void {
    if (!(error instanceof DomainError)) deps.onFault(error);
  }

  /** A channel has broken. */
  function fail(error: unknown): void {
    reportFault(error);
    outlet.close('tryLater');
  }

  /** A session that cannot be checked is not taken to live. */
  function refuseSession(error: unknown): void {
    const ended = error instanceof DomainError && error.code !== 'UNAVAILABLE';
    outlet.close(ended ? 'login' : 'tryLater');
  }

  function refuse(op: string, error: unknown): void {
    reportFault(error);
    const { code, detail, errors } = toProblem(error, origin.traceId);
    outlet.send(JSON.stringify({ op, ok: false, error: { code, detail, errors } }));
  }

  async function handle(text: string): Promise<void> {
    let op = 'unknown';
    // What came before a close is not taken in after it.
    if (!outlet.isOpen()) return;
    try {
      const message = validate(ClientMessage, parse(text));
      ({ op } = message);
      await act(message);
    } catch (error) {
      refuse(op, error);
      if (op === 'auth') refuseSession(error);
    }
  }

  return {
    receive(text) {
      if (isAllowed()) work = work.then(() => handle(text));
      else outlet.close('limits');
    },
    signIn(token) {
      work = work.then(() => session.prove(token)).catch(refuseSession);
    },
    recheck: () => session.recheck().catch(refuseSession),
    shutDown(secondsLeft) {
      outlet.send(JSON.stringify({ type: 'server_shutdown', seconds_left: secondsLeft }));
      outlet.close('restart');
    },
    end,
  };
}

/** Does what a message asks for, and answers it. */
function createActions(session: ConnectionSession, subscriptions: Subscriptions, send: (text: string) => void) {
  const answer = (op: ClientMessage['op']): void => send(JSON.stringify({ op, ok: true }));

  return async (message: ClientMessage): Promise<void> => {
    switch (message.op) {
      case 'auth':
        await session.prove(message.token);
        answer('auth');
        return;
      case 'subscribe': {
        // What the channels say at once follows the answer.
        const release = subscriptions.add(message.channels, session.caller(), message.resume);
        answer('subscribe');
        release();
        return;
      }
      case 'unsubscribe':
        subscriptions.remove(message.channels);
        answer('unsubscribe');
        return;
      case 'ping':
        answer('ping');
    }
  };
}

/** Counts messages in windows of ten seconds; false once a window has had more than `limit`. */
function createAllowance(limit: number): () => boolean {
  let received = { since: performance.now(), count: 0 };
  return () => {
    const now = performance.now();
    if (now - received.since > 10_000) received = { since: now, count: 0 };
    received.count += 1;
    return received.count <= limit;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError('INVALID_REQUEST', 'Send JSON.');
  }
}
