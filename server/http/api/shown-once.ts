import { z } from 'zod';

/** What stands in the place of a secret where none was made. */
const instead = '(none: this was a dry run)';

type JsonSchema = Record<string, unknown>;

const mark = 'x-shown-once';

/** The schema of a secret that stands in the one answer that made it. A dry run gives none out. */
export function shownOnce(description: string) {
  return z.string().meta({ description, [mark]: true });
}

/** The body of an answer, without the secrets that its schema says are in it. */
export function withoutSecrets(schema: z.ZodType | undefined, body: unknown): unknown {
  if (schema === undefined) return body;
  const written: JsonSchema = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return strip(written, body, written);
}

function strip(schema: unknown, value: unknown, root: JsonSchema): unknown {
  const known = resolve(schema, root);
  if (known === undefined || value === null || value === undefined) return value;
  if (known[mark] === true) return instead;
  const either = [known.anyOf, known.oneOf, known.allOf].flatMap((several) =>
    Array.isArray(several) ? several : [],
  );
  const here = either.reduce((rest: unknown, one) => strip(one, rest, root), value);
  if (Array.isArray(here)) return here.map((item) => strip(known.items, item, root));
  if (typeof here !== 'object' || here === null) return here;
  const properties = isSchema(known.properties) ? known.properties : {};
  return Object.fromEntries(
    Object.entries(here).map(([name, inner]) => [
      name,
      strip(properties[name] ?? known.additionalProperties, inner, root),
    ]),
  );
}

function resolve(schema: unknown, root: JsonSchema): JsonSchema | undefined {
  if (!isSchema(schema)) return undefined;
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  const found = $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((place, name) => (isSchema(place) ? place[name] : undefined), root);
  return isSchema(found) ? found : undefined;
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;
