import { exampleValues, worthShowing } from './example-values.ts';

type JsonSchema = Record<string, unknown>;
type Named = Readonly<Record<string, JsonSchema>>;

/** 2026-01-01, for members that are seconds since 1970. */
const someTime = 1_767_225_600;
const components = '#/components/schemas/';

/** An example of what a schema allows: as short as it may be, with the members that are worth to be seen. */
export function exampleOf(schema: JsonSchema, named: Named, member = '', owner = ''): unknown {
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.slice(components.length);
    return exampleOf(named[name] ?? {}, named, member, name);
  }
  const own = Array.isArray(schema.examples) ? schema.examples[0] : schema.example;
  if (own !== undefined) return own;
  if ('const' in schema) return schema.const;
  for (const name of [`${owner}.${member}`, member]) {
    if (Object.hasOwn(exampleValues, name) && fits(exampleValues[name], schema, named))
      return exampleValues[name];
  }
  if (Array.isArray(schema.type)) return exampleOf(firstOf(typesOf(schema)), named, member, owner);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.allOf)) return exampleOfAll(schema.allOf.filter(isSchema), named, member, owner);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return exampleOf(firstOf(either), named, member, owner);
  return exampleOfType(schema, named, member, owner);
}

/** One object that is what each of them says. */
function exampleOfAll(schemas: readonly JsonSchema[], named: Named, member: string, owner: string): unknown {
  const made = schemas.map((schema) => exampleOf(schema, named, member, owner));
  return made.every(isSchema) ? Object.assign({}, ...made) : made[0];
}

function exampleOfType(schema: JsonSchema, named: Named, member: string, owner: string): unknown {
  switch (schema.type) {
    case 'object':
      return exampleOfObject(schema, named, owner);
    case 'array':
      return isSchema(schema.items) ? [exampleOf(schema.items, named, singular(member), owner)] : [];
    case 'integer':
    case 'number':
      return isTime(schema, member) ? someTime : Math.max(Number(schema.minimum ?? 1), 0);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return exampleOfText(schema, member);
  }
}

function exampleOfObject(schema: JsonSchema, named: Named, owner: string): Record<string, unknown> {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const members = Object.entries(properties).filter(
    ([name]) => required.includes(name) || worthShowing.has(name),
  );
  return Object.fromEntries(
    members.flatMap(([name, inner]) =>
      isSchema(inner) ? [[name, exampleOf(inner, named, name, owner)]] : [],
    ),
  );
}

const texts: Readonly<Record<string, string>> = {
  email: 'ada@example.org',
  uri: 'https://photos.example',
  uuid: '8e03978e-40d5-43e8-bc93-6894a57f9324',
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
};

function exampleOfText(schema: JsonSchema, member: string): unknown {
  const { type, format, pattern } = schema;
  if (type !== 'string') return {};
  if (typeof format === 'string' && texts[format] !== undefined) return texts[format];
  const known = typeof pattern === 'string' ? Object.values(exampleValues) : [];
  return known.find((value) => fits(value, schema, {})) ?? (member === '' ? 'text' : member);
}

/** Whether a value of another use of the name may stand here. */
function fits(value: unknown, schema: JsonSchema, named: Named): boolean {
  const { $ref } = schema;
  if (typeof $ref === 'string') return fits(value, named[$ref.slice(components.length)] ?? {}, named);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return either.some((one) => isSchema(one) && fits(value, one, named));
  if (Array.isArray(schema.type)) return typesOf(schema).some((one) => fits(value, one, named));
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  switch (schema.type) {
    case 'array':
      return (
        Array.isArray(value) &&
        value.every((item) => isSchema(schema.items) && fits(item, schema.items, named))
      );
    case 'integer':
      return Number.isInteger(value);
    case 'string':
      return typeof value === 'string' && fitsText(value, schema);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'object':
      return isSchema(value) && fitsObject(value, schema, named);
    default:
      return true;
  }
}

function fitsText(value: string, { pattern, minLength, maxLength, format }: JsonSchema): boolean {
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) return false;
  if (format === 'uri' && !URL.canParse(value)) return false;
  return value.length >= Number(minLength ?? 0) && value.length <= Number(maxLength ?? Infinity);
}

function fitsObject(value: JsonSchema, schema: JsonSchema, named: Named): boolean {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const rest = schema.additionalProperties;
  return (
    required.every((name) => typeof name === 'string' && Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, inner]) => {
      const known = properties[name] ?? rest;
      return isSchema(known) ? fits(inner, known, named) : known !== false;
    })
  );
}

const typesOf = (schema: JsonSchema): JsonSchema[] =>
  Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema];

/** Null says little. */
function firstOf(either: readonly unknown[]): JsonSchema {
  const schemas = either.filter(isSchema);
  return schemas.find(({ type }) => type !== 'null') ?? schemas[0] ?? {};
}

const isTime = ({ description }: JsonSchema, member: string): boolean =>
  /_at$|_until$|^since$/.test(member) || String(description).startsWith('Seconds since 1970');

const singular = (member: string): string => member.replace(/s$/, '');

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
