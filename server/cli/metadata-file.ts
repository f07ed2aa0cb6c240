import { z } from 'zod';
import { refused } from './refusal.ts';

const anyObject = z.record(z.string(), z.unknown());

/** A JSON object; what is in it, the use case checks. */
export function parseMetadata(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused('The metadata is not valid JSON. Nothing was changed.');
  }
  const parsed = anyObject.safeParse(value);
  if (!parsed.success) throw refused('The metadata is not a JSON object. Nothing was changed.');
  return parsed.data;
}
