import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

const folder = fileURLToPath(new URL('../../proto', import.meta.url));
const files = ['user', 'wallet', 'market_data', 'order'].map((name) => `pandora/v1/${name}.proto`);

/** The proto package: field names as REST has them, absent fields absent, enums by name. */
export const loadProtos = (): PackageDefinition =>
  loadSync(files, { includeDirs: [folder], keepCase: true, longs: Number, enums: String });

/** One service of the package, by its short name. Throws when there is none. */
export function serviceIn(protos: PackageDefinition, name: string): ServiceDefinition {
  const found = protos[`pandora.v1.${name}`];
  if (found === undefined || 'format' in found) throw new Error(`${name} is no service of the proto package`);
  return found;
}
