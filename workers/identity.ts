import { runWorkers } from './process.ts';
import { identityQueue } from './queues/identity.ts';

await runWorkers({ name: 'worker-identity', queues: [identityQueue] });
