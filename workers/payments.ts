import { runWorkers } from './process.ts';
import { paymentsQueue } from './queues/payments.ts';

await runWorkers({ name: 'worker-payments', queues: [paymentsQueue] });
