import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/** As many bytes as Node allows the headers of a REST request. */
const mostMetadata = 16 * 1024;

/**
 * Ends calls with too much metadata, and those whose request is not there after `ms` milliseconds: a caller that opens
 * streams and never finishes a message would hold them, and what has arrived of it, for as long as it answers pings.
 */
export const limitRequests =
  (ms: number): ServerInterceptor =>
  (_method, call) => {
    const late = setTimeout(() => {
      call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'The request did not arrive in time.' });
    }, ms);
    const stopWaiting = (): void => clearTimeout(late);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            if (sizeOf(metadata) <= mostMetadata) {
              pass(metadata);
              return;
            }
            stopWaiting();
            call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details: 'Send at most 16 KiB of metadata.' });
          },
          onReceiveMessage(message, pass) {
            stopWaiting();
            pass(message);
          },
          onCancel: stopWaiting,
        }),
    });
  };

const sizeOf = (metadata: Metadata): number =>
  Object.entries(metadata.toHttp2Headers()).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
