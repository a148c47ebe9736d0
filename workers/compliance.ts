import { runWorkers } from './process.ts';
import { complianceQueue } from './queues/compliance.ts';

await runWorkers({ name: 'worker-compliance', queues: [complianceQueue] });
