/** What the text of a command holds, not looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id of the exchange's own. Throws, as all of these do, an Error that names the field. */
export function id(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || !idPattern.test(value)) throw new Error(`${name} is an id`);
  return value;
}

/** An object inside it. */
export function part(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (typeof value !== 'object' || value === null) throw new Error(`${name} is an object`);
  return value as Fields;
}

/** A safe integer from 0 on. */
export function whole(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is a count`);
  return value;
}

/** What a field was and is to be. */
export function pair(fields: Fields, name: string): readonly [number, number] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length !== 2) throw new Error(`${name} is two counts`);
  const [was, is] = value as readonly unknown[];
  return [whole({ [name]: was }, name), whole({ [name]: is }, name)];
}

/** One of the given words. */
export function oneOf<T extends string>(fields: Fields, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === fields[name]);
  if (found === undefined) throw new Error(`${name} is one of ${values.join(', ')}`);
  return found;
}
