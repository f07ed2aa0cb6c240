import type { FieldFault } from '../../errors.ts';
import type { AttributeDefinition, AttributeValue, AttributeValues } from './definition.ts';
import { attributeField, valueOfText } from './texts.ts';
import { faultInValue } from './values.ts';

/** What nobody makes an account for themselves without. */
export const askedAtSignUp = (definitions: readonly AttributeDefinition[]): AttributeDefinition[] =>
  definitions.filter(({ requiredAtSignUp }) => requiredAtSignUp);

/** What somebody has typed into the form by which they make an account, as values, with what is wrong. */
export function readAtSignUp(
  definitions: readonly AttributeDefinition[],
  texts: Readonly<Record<string, string>>,
): { values: AttributeValues | undefined; fields: FieldFault[] } {
  const asked = askedAtSignUp(definitions);
  const values: Record<string, AttributeValue> = {};
  const fields = asked.flatMap((definition): FieldFault[] => {
    const { name } = definition;
    const value = valueOfText(definition, texts[name] ?? '');
    const message = value === undefined ? 'This is needed.' : faultInValue(definition, value);
    if (value !== undefined) values[name] = value;
    return message === undefined ? [] : [{ field: attributeField(name), message }];
  });
  return { values: asked.length === 0 ? undefined : values, fields };
}
