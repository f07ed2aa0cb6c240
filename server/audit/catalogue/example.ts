import { z } from 'zod';
import type { EventDescription } from './fields.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** What an event of this kind says, made up from the examples of its fields. */
export function exampleOf({ fields }: EventDescription): Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(fields, { io: 'output' });
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueFor(schema)]));
}

function valueFor(schema: JsonSchema | boolean): unknown {
  if (typeof schema === 'boolean') return true;
  const [example] = schema.examples ?? [];
  if (example !== undefined) return example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items))
    return [valueFor(schema.items)];
  const properties = Object.entries(schema.properties ?? {});
  return Object.fromEntries(properties.map(([name, inner]) => [name, valueFor(inner)]));
}
