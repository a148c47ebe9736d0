import type { WebSocket } from 'ws';
import { closeCodes } from '../../contract/websocket.ts';

export interface Outlet {
  /** Whether the client can still be written to. */
  isOpen(): boolean;
  /** Sends text; closes the connection of a client that reads too slowly. */
  send(text: string): void;
  close(reason: keyof typeof closeCodes): void;
}

/**
 * The way out to one client. At most `unsentBytes` may wait there before the next message. `onClose` is called before
 * the socket is closed from here.
 */
export function createOutlet(socket: WebSocket, unsentBytes: number, onClose: () => void): Outlet {
  const isOpen = (): boolean => socket.readyState === socket.OPEN;

  function close(reason: keyof typeof closeCodes): void {
    onClose();
    socket.close(closeCodes[reason], reason);
    // Who reads too slowly does not read this either.
    setTimeout(() => socket.terminate(), 5_000).unref();
  }

  return {
    isOpen,
    send(text) {
      if (!isOpen()) return;
      if (socket.bufferedAmount > unsentBytes) close('tooSlow');
      else socket.send(text);
    },
    close,
  };
}
