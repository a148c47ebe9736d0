import { type AnyDefinition, type EnumTypeDefinition, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthFile } from 'grpc-health-check';
import descriptor from 'protobufjs/ext/descriptor.js';

/** Tells clients such as grpcurl what there is: these packages and the standard health service. */
export const createReflection = (protos: PackageDefinition): ReflectionService =>
  new ReflectionService({ ...protos, ...withMapEntries(loadSync(healthFile)) });

interface Message {
  readonly field: readonly { typeName: string }[];
  readonly nestedType: readonly { name: string; readonly options: { readonly mapEntry: boolean } | null }[];
}

const File = descriptor.FileDescriptorProto;

/**
 * protobufjs names the entries of a map after its field, clients demand `…Entry` behind that and refuse the whole file
 * (https://github.com/fullstorydev/grpcurl/issues/519). Mended where it matters: maps in messages of the top level.
 */
function withMapEntries(protos: PackageDefinition): PackageDefinition {
  const mend = (file: Buffer): Buffer => {
    const decoded = File.decode(file);
    const { messageType } = decoded as unknown as { messageType: readonly Message[] };
    for (const { field, nestedType } of messageType) {
      for (const entry of nestedType.filter(({ options }) => options?.mapEntry === true)) {
        const name = `${entry.name}Entry`;
        for (const map of field.filter(({ typeName }) => typeName === entry.name)) map.typeName = name;
        entry.name = name;
      }
    }
    return Buffer.from(File.encode(decoded).finish());
  };
  const mended = (each: AnyDefinition): AnyDefinition =>
    isType(each) ? { ...each, fileDescriptorProtos: each.fileDescriptorProtos.map(mend) } : each;
  return Object.fromEntries(Object.entries(protos).map(([name, each]) => [name, mended(each)]));
}

/** Only types carry the files they are from. */
const isType = (each: AnyDefinition): each is EnumTypeDefinition => 'format' in each;
