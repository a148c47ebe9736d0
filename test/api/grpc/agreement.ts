import { z } from 'zod';
import type { Field } from '../../../api/grpc/descriptors.ts';
import type { Messages } from '../../../api/grpc/messages.ts';

type Json = Readonly<Record<string, unknown>>;

interface Shape {
  readonly output: Json;
  readonly input: Json;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const child = (schema: Json, name: string): Json => {
  const found = schema[name];
  return isJson(found) ? found : {};
};

const refOf = ({ $ref }: Json): string => (typeof $ref === 'string' ? $ref : '');

/** A schema as JSON Schema, as it reads (what may be left out) and as it is read (the types). */
const shapeOf = (schema: z.ZodType): Shape => ({
  output: z.toJSONSchema(schema, { io: 'output', reused: 'inline' }),
  input: z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' }),
});

type Resolve = (node: Json) => Json;

/** Puts a definition of the schema in the place of a reference to it. */
const resolverOf =
  (schema: Json): Resolve =>
  (node) => {
    const [, name] = /^#\/\$defs\/(.+)$/.exec(refOf(node)) ?? [];
    return name === undefined ? node : child(child(schema, '$defs'), name);
  };

/** The schema without null, and whether it had it. */
function withoutNull(node: Json, resolve: Resolve): { readonly node: Json; readonly nullable: boolean } {
  const { type } = node;
  if (Array.isArray(type) && type.includes('null')) {
    return { node: { ...node, type: type.find((one) => one !== 'null') as string }, nullable: true };
  }
  const options = (node['anyOf'] ?? []) as Json[];
  const [first = {}] = options.filter(({ type }) => type !== 'null');
  if (options.some(({ type }) => type === 'null')) return { node: resolve(first), nullable: true };
  // Alternatives of one type are one field.
  if (options.length > 0) return { node: resolve(first), nullable: false };
  return { node, nullable: node['type'] === 'null' };
}

/** Lists where a proto message and a zod schema differ: names, types, enum values, and what may be left out. */
export function differences(messages: Messages, message: string, schema: z.ZodType): string[] {
  const { output, input } = shapeOf(schema);
  const resolve = resolverOf(output);
  const resolveInput = resolverOf(input);

  function compareObject(name: string, node: Json, given: Json, path: string): string[] {
    const properties = child(node, 'properties');
    const fields = messages.fields(name);
    return [
      ...compareNames(name, fields, properties, path),
      ...fields
        .filter((field) => field.name in properties)
        .flatMap((field) => compareField(field, child(properties, field.name), given, `${path}.${field.name}`)),
    ];
  }

  /** `node` is the field's own schema, `given` the schema of the object that it is in, as it is read. */
  function compareField(field: Field, node: Json, given: Json, path: string): string[] {
    const { node: type, nullable } = withoutNull(resolve(node), resolve);
    const required = (given['required'] ?? []) as string[];
    return [
      ...comparePresence(field, nullable || !required.includes(field.name), path),
      ...compareType(field, type, resolveInput(child(child(given, 'properties'), field.name)), path),
    ];
  }

  function compareType(field: Field, node: Json, given: Json, path: string): string[] {
    const isList = node['type'] === 'array' && node['prefixItems'] === undefined;
    if (field.repeated !== isList) return [`${path}: is a list on one side alone`];
    if (isList) {
      const items = resolve(child(node, 'items'));
      return compareType({ ...field, repeated: false }, items, resolveInput(child(given, 'items')), `${path}[]`);
    }
    if (field.kind === 'enum') return compareEnum(messages.values(field.type), node, path);
    if (field.kind === 'message') return compareMessage(field.type, node, given, path);
    return scalarFits(field.type, node) ? [] : [`${path}: ${field.type} for ${JSON.stringify(node['type'])}`];
  }

  function compareMessage(name: string, node: Json, given: Json, path: string): string[] {
    if (node['type'] === 'object') return compareObject(name, node, given, path);
    const items = (node['prefixItems'] ?? []) as Json[];
    const fields = messages.fields(name);
    if (items.length !== fields.length) return [`${path}: a message for no object`];
    return fields.flatMap((field, index) => compareType(field, resolve(items[index] ?? {}), {}, `${path}[${index}]`));
  }

  return compareObject(message, resolve(output), resolveInput(input), message);
}

function compareNames(message: string, fields: readonly Field[], properties: Json, path: string): string[] {
  const inProto = fields.map((field) => field.name);
  const missing = Object.keys(properties).filter((key) => !inProto.includes(key));
  const extra = inProto.filter((key) => !(key in properties));
  return [
    ...missing.map((key) => `${path}.${key}: not in the proto message ${message}`),
    ...extra.map((key) => `${path}.${key}: in the proto message ${message} alone`),
  ];
}

function comparePresence(field: Field, mayLack: boolean, path: string): string[] {
  const told = field.optional || field.repeated || field.kind !== 'scalar';
  return [
    ...(mayLack && !told ? [`${path}: may be left out, but is not optional in proto`] : []),
    ...(!mayLack && field.optional ? [`${path}: is required, but optional in proto`] : []),
  ];
}

function compareEnum(proto: readonly string[], node: Json, path: string): string[] {
  const contract = (node['enum'] ?? []) as string[];
  const same = proto.length === contract.length && contract.every((value) => proto.includes(value));
  return same ? [] : [`${path}: ${proto.join()} for ${contract.join()}`];
}

function scalarFits(type: string, node: Json): boolean {
  if (type === 'TYPE_STRING') return (node['type'] === 'string' && !('enum' in node)) || node['type'] === 'null';
  if (type === 'TYPE_BOOL') return node['type'] === 'boolean';
  return ['TYPE_INT32', 'TYPE_INT64', 'TYPE_UINT32'].includes(type) && node['type'] === 'integer';
}
