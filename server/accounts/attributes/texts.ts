import type { AttributeDefinition, AttributeValue } from './definition.ts';

/** The name of the field in forms; the fault of a value has it, too. */
export const attributeField = (name: string): string => `attributes.${name}`;

/** A value as it stands in a form; a list has an entry in each line. */
export function textOfValue(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? value.join('\n') : String(value);
}

/**
 * What somebody has typed, as a value. What cannot be one stays the text that it is, and is refused as such.
 *
 * @returns undefined where nothing was typed
 */
export function valueOfText({ type }: AttributeDefinition, typed: string): AttributeValue | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  switch (type) {
    case 'number':
      return /^[+-]?\d{1,30}(?:[.,]\d{1,20})?$/.test(text) ? Number(text.replace(',', '.')) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'list':
      return text
        .split(/\r?\n/)
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
    case 'text':
    case 'date':
    case 'choice':
      return text;
    default:
      return type satisfies never;
  }
}
