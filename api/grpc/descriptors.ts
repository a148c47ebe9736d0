import type { PackageDefinition } from '@grpc/proto-loader';

/** A field of a message, as its descriptor has it. */
export interface Field {
  readonly name: string;
  readonly repeated: boolean;
  /** `optional` in the proto file: its absence can be told from its zero. */
  readonly optional: boolean;
  readonly kind: 'scalar' | 'enum' | 'message';
  /** The proto type of a scalar, or the name of the enum or message. */
  readonly type: string;
}

export interface Descriptors {
  /** The fields of a message, by number. */
  fields(message: string): readonly Field[];
  /** The values of an enum as proto writes them, the unspecified one first. */
  enumValues(name: string): readonly { readonly name: string }[];
}

interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

interface Descriptor {
  readonly field?: readonly FieldDescriptor[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly value?: readonly { readonly name: string }[];
}

/** Reads the messages and enums of the package. Asked for a name that the package lacks, throws an Error: a bug. */
export function createDescriptors(protos: PackageDefinition): Descriptors {
  const cache = new Map<string, readonly Field[]>();

  function descriptor(name: string): Descriptor {
    const found = protos[`pandora.v1.${name}`];
    if (found === undefined || !('format' in found)) throw new Error(`${name} is no message or enum of the package`);
    return found.type as Descriptor;
  }

  return {
    fields(message) {
      const known = cache.get(message);
      if (known !== undefined) return known;
      const made = fieldsOf(descriptor(message));
      cache.set(message, made);
      return made;
    },
    enumValues: (name) => descriptor(name).value ?? [],
  };
}

const fieldsOf = ({ field = [], oneofDecl = [] }: Descriptor): readonly Field[] =>
  [...field]
    .sort((a, b) => a.number - b.number)
    .map(({ name, label, type, typeName }) => {
      const kind = type === 'TYPE_ENUM' ? 'enum' : type === 'TYPE_MESSAGE' ? 'message' : 'scalar';
      return {
        name,
        repeated: label === 'LABEL_REPEATED',
        optional: oneofDecl.some((one) => one.name === `_${name}`),
        kind,
        type: kind === 'scalar' ? type : (typeName.split('.').at(-1) ?? typeName),
      };
    });
