import { runWorkers } from './process.ts';
import { identityQueue } from './queues/identity.ts';

/** Every task queue and the relay in one process: for development and small deployments. */
await runWorkers({ name: 'workers', queues: [identityQueue], relay: true });
