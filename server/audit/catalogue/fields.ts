import { z } from 'zod';

/** How urgent an event is to whoever watches the log; RFC 5424 6.2.1 has the same words. */
export type Severity = 'warning' | 'notice' | 'informational';

/** A kind of event: what happened, and what is said of it beside who, when and from where. */
export interface EventDescription<Fields extends z.ZodObject = z.ZodObject> {
  severity: Severity;
  /** One sentence. */
  doc: string;
  fields: Fields;
}

/** Nothing out of the ordinary. */
export const info = <Shape extends z.ZodRawShape>(doc: string, shape: Shape) =>
  describe('informational', doc, shape);

/** What an operator, or the person, may want to look at: rights, secrets, ways in. */
export const notice = <Shape extends z.ZodRawShape>(doc: string, shape: Shape) =>
  describe('notice', doc, shape);

/** What looks like an attack, or like something that is broken. */
export const warning = <Shape extends z.ZodRawShape>(doc: string, shape: Shape) =>
  describe('warning', doc, shape);

function describe<Shape extends z.ZodRawShape>(
  severity: Severity,
  doc: string,
  shape: Shape,
): EventDescription<z.ZodObject<Shape, z.core.$strict>> {
  return { severity, doc, fields: z.strictObject(shape) };
}

/** A text with what it may look like; the examples of the manual and of OpenAPI are put together from these. */
export const text = (example: string, description?: string) =>
  z.string().meta({ examples: [example], ...(description === undefined ? {} : { description }) });

export const accountId = text('f3iZ0q9yTn2l7VbX1cQwEg', 'The account that it is about: its `sub`.');
export const clientId = text('shop', 'The client that it is about: its `client_id`.');
/** A stable word, never free text from a stranger. */
export const reason = (example: string) => text(example, 'Why, as a stable word.');

const fieldsOf = (example: Record<string, unknown>) =>
  z.record(z.string(), z.unknown()).meta({ examples: [example] });

/** Before and after of a change, non-secret fields only. */
export const change = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  z.object({ before: fieldsOf(before).optional(), after: fieldsOf(after).optional() }).meta({
    description: 'The fields that changed, none of them secret; null where there was nothing.',
  });
