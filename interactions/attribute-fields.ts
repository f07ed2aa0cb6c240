import { z } from 'zod';
import { askedAtSignUp } from '../server/accounts/attributes/asked-at-sign-up.ts';
import { type AttributeDefinition, displayNameIn } from '../server/accounts/attributes/definition.ts';
import { attributeField } from '../server/accounts/attributes/texts.ts';
import type { FieldFault } from '../server/errors.ts';
import type { FormField } from '../server/http/form-field.ts';
import type { Words } from '../server/http/words.ts';

/** The language of the pages. */
export const pageLanguage = 'en';

const types = {
  text: 'text',
  number: 'decimal',
  boolean: 'text',
  date: 'date',
  choice: 'text',
  list: 'lines',
} as const satisfies Record<AttributeDefinition['type'], FormField['type']>;

/** An attribute of people as a field of a form. */
export function fieldOf(
  definition: AttributeDefinition,
  { value, fault }: { value: string; fault: string | null },
): FormField {
  const { name, type, requiredAtSignUp } = definition;
  return {
    name: attributeField(name),
    label: { text: displayNameIn(definition, pageLanguage) },
    hint: hintOf(definition),
    autocomplete: 'off',
    type: types[type],
    value,
    choices: choicesOf(definition, value),
    isRequired: requiredAtSignUp,
    fault,
    meanwhile: null,
  };
}

function hintOf({ type, rules: { mask, values } }: AttributeDefinition): Words | null {
  if (mask !== undefined) return { key: 'attribute.mask', params: { mask } };
  if (type !== 'list') return null;
  return values === undefined
    ? { key: 'attribute.list' }
    : { key: 'attribute.list.of', params: { values: values.join(', ') } };
}

/** What was stored before the choices were others stays to be seen. */
function choicesOf({ type, rules }: AttributeDefinition, present: string): FormField['choices'] {
  if (type === 'boolean')
    return [
      { value: 'true', label: { key: 'attribute.yes' } },
      { value: 'false', label: { key: 'attribute.no' } },
    ];
  if (type !== 'choice') return null;
  const values = rules.values ?? [];
  const all = present === '' || values.includes(present) ? values : [present, ...values];
  return all.map((value) => ({ value, label: { text: value } }));
}

/** A value that is only shown, in words. */
export function wordsOfValue({ type }: AttributeDefinition, text: string): Words {
  if (type === 'boolean') return { key: text === 'true' ? 'attribute.yes' : 'attribute.no' };
  return { text: type === 'list' ? text.split('\n').join(', ') : text };
}

/** What a form by which people make accounts asks for, as fields of its schema: nothing else is taken. */
export const attributesAsked = (
  definitions: readonly AttributeDefinition[],
): Record<`attributes.${string}`, z.ZodDefault<z.ZodString>> =>
  Object.fromEntries(
    askedAtSignUp(definitions).map(({ name }) => [attributeField(name), z.string().max(20_000).default('')]),
  );

/** What was typed, by the name of the attribute. */
export function attributesTyped(
  definitions: readonly AttributeDefinition[],
  form: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    askedAtSignUp(definitions).map(({ name }): [string, string] => {
      const typed = form[attributeField(name)];
      return [name, typeof typed === 'string' ? typed : ''];
    }),
  );
}

/** The fields of such a form. */
export function askedFields(
  definitions: readonly AttributeDefinition[],
  typed: Readonly<Record<string, string>>,
  faults: readonly FieldFault[],
): FormField[] {
  return askedAtSignUp(definitions).map((definition) => {
    const fault = faults.find(({ field }) => field === attributeField(definition.name));
    return fieldOf(definition, { value: typed[definition.name] ?? '', fault: fault?.message ?? null });
  });
}
