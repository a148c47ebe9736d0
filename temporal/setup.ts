import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs } from '@temporalio/common/lib/time.js';
import { status } from '@grpc/grpc-js';
import { pause } from '../platform/wait.ts';
import { searchAttributes } from './names/search-attributes.ts';
import { setUpSchedules } from './schedules.ts';

export interface TemporalSetup {
  readonly address: string;
  readonly namespace: string;
  /** How long the history of a closed workflow is kept: 30, in development 7. Proof lives in PostgreSQL. */
  readonly retentionDays?: number;
}

/** How long a fresh namespace may take until every part of the server knows it. */
const settleMs = 30_000;

/**
 * Makes the namespace, its search attributes and its schedules where they are missing. Safe to repeat; changes nothing
 * that exists but schedules that are defined otherwise now.
 */
export async function setUpTemporal({ address, namespace, retentionDays = 30 }: TemporalSetup): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: settleMs });
  try {
    await ensureNamespace(connection, namespace, retentionDays);
    await ensureSearchAttributes(connection, namespace);
    await setUpSchedules(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}

async function ensureNamespace(connection: Connection, namespace: string, retentionDays: number): Promise<void> {
  await connection.workflowService
    .registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(retentionDays * 86_400_000) })
    .catch(ignore(status.ALREADY_EXISTS));
}

async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const service = connection.operatorService;
  const wanted = Object.values(searchAttributes);
  const deadline = Date.now() + settleMs;
  for (;;) {
    try {
      const { customAttributes } = await service.listSearchAttributes({ namespace });
      const missing = wanted.filter(({ name }) => !(name in customAttributes));
      if (missing.length === 0) return;
      const types = missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0] as const);
      await service
        .addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) })
        .catch(ignore(status.ALREADY_EXISTS));
    } catch (error) {
      // A namespace made a moment ago is not known to the operator service at once.
      if (!isGrpcServiceError(error) || error.code !== status.NOT_FOUND || Date.now() > deadline) throw error;
    }
    await pause(200);
  }
}

const ignore =
  (code: status) =>
  (error: unknown): void => {
    if (!isGrpcServiceError(error) || error.code !== code) throw error;
  };
