import { runWorkers } from './process.ts';
import { settlementQueue } from './queues/settlement.ts';

await runWorkers({ name: 'worker-settlement', queues: [settlementQueue] });
