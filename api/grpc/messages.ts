import type { PackageDefinition } from '@grpc/proto-loader';
import { createDescriptors, type Descriptors, type Field } from './descriptors.ts';

export interface Messages {
  /** The fields of a message, by number. */
  fields(message: string): readonly Field[];
  /** The values of an enum as REST writes them, without the unspecified one. */
  values(name: string): readonly string[];
  /** A message as it came, in REST's shape: enums by their plain names, absent what was not sent. */
  toJson(message: string, value: object): Record<string, unknown>;
  /** An answer in REST's shape, as the message wants it. */
  toProto(message: string, value: object): Record<string, unknown>;
}

/** Translates between proto messages and REST's shapes by the descriptors alone: a new message needs no code. */
export function createMessages(protos: PackageDefinition): Messages {
  const descriptors = createDescriptors(protos);
  const { fields } = descriptors;
  const enums = createEnums(descriptors);

  function toJson(message: string, value: object): Record<string, unknown> {
    return convertFields(fields(message), value, ({ kind, type }, item) => {
      if (kind === 'enum') return enums.toJson(type, item);
      return kind === 'message' && isObject(item) ? toJson(type, item) : item;
    });
  }

  function toProto(message: string, value: object): Record<string, unknown> {
    return convertFields(fields(message), value, ({ kind, type }, item) => {
      if (kind === 'enum') return enums.toProto(type, item);
      if (kind !== 'message' || !isObject(item)) return item;
      return toProto(type, Array.isArray(item) ? fromTuple(fields(type), item) : item);
    });
  }

  return { fields, values: enums.values, toJson, toProto };
}

/** Enums whose values REST writes in lower case. */
const lowerCase = new Set([
  ...['Role', 'KycStatus', 'FeedEventType', 'CandleInterval', 'PlacingResponse'],
  ...['WalletAccount', 'CounterAccount'],
]);

/** Translates between `ORDER_SIDE_BUY`, as proto names a value, and REST's `BUY`. */
function createEnums({ enumValues }: Descriptors) {
  /** `ORDER_SIDE_` of `ORDER_SIDE_UNSPECIFIED`. */
  const prefixOf = (name: string): string => (enumValues(name)[0]?.name ?? '').replace(/UNSPECIFIED$/, '');

  function toJson(name: string, value: unknown): unknown {
    const prefix = prefixOf(name);
    // A number that is no value of the enum stays what it is, and its schema refuses it.
    if (typeof value !== 'string' || !value.startsWith(prefix)) return value;
    const plain = value.slice(prefix.length);
    if (plain === 'UNSPECIFIED') return undefined;
    return lowerCase.has(name) ? plain.toLowerCase() : plain;
  }

  return {
    toJson,
    toProto: (name: string, value: unknown): string => `${prefixOf(name)}${String(value).toUpperCase()}`,
    values: (name: string): readonly string[] =>
      enumValues(name)
        .map((value) => toJson(name, value.name))
        .filter((plain) => typeof plain === 'string'),
  };
}

/** An object of the fields that `value` has, each item of a list converted by itself. */
function convertFields(
  fields: readonly Field[],
  value: object,
  convert: (field: Field, item: unknown) => unknown,
): Record<string, unknown> {
  const given = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const item = given[field.name];
    if (item === undefined || item === null) continue;
    const converted =
      field.repeated && Array.isArray(item) ? item.map((one: unknown) => convert(field, one)) : convert(field, item);
    if (converted !== undefined) result[field.name] = converted;
  }
  return result;
}

/** What REST writes as a short array, such as [price, quantity], is a message with these fields in order. */
const fromTuple = (fields: readonly Field[], items: readonly unknown[]): object =>
  Object.fromEntries(fields.map(({ name }, index) => [name, items[index]]));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
