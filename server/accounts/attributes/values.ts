import { isDeepStrictEqual } from 'node:util';
import type { FieldFault } from '../../errors.ts';
import { isDate, line } from '../profile/claim-schemas.ts';
import {
  type AttributeDefinition,
  type AttributeReader,
  type AttributeValue,
  type AttributeValues,
  accessOf,
} from './definition.ts';
import { fitsMask } from './mask.ts';

export const longestText = 1000;
export const mostEntries = 50;
const longestEntry = 200;

const shortLine = line(longestEntry);
const longLine = line(longestText);

/** What is wrong with a value, in words for whoever gives it. */
export function faultInValue({ type, rules }: AttributeDefinition, value: unknown): string | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? faultInText(rules, value) : 'Give a text.';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? faultInNumber(rules, value)
        : 'Give a number.';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'Say yes or no.';
    case 'date':
      return typeof value === 'string' && value.length === 10 && isDate(value)
        ? faultInRange(rules, value)
        : 'Write YYYY-MM-DD.';
    case 'choice':
      return typeof value === 'string' && rules.values?.includes(value) === true
        ? undefined
        : 'Choose one of those that are offered.';
    case 'list':
      return Array.isArray(value) ? faultInList(rules, value) : 'Give a list of texts.';
    default:
      return type satisfies never;
  }
}

type Rules = AttributeDefinition['rules'];

function faultInText({ min = 1, max = 200, mask }: Rules, text: string): string | undefined {
  if (!longLine.safeParse(text).success) return 'Use visible characters only, in one line.';
  const { length } = Array.from(text);
  if (length < Number(min)) return `Use at least ${min} characters.`;
  if (length > Number(max)) return `Use at most ${max} characters.`;
  return mask === undefined || fitsMask(mask, text) ? undefined : `Write it in the form ${mask}.`;
}

function faultInNumber(rules: Rules, value: number): string | undefined {
  if (rules.integer === true && !Number.isSafeInteger(value)) return 'Give a whole number.';
  return faultInRange(rules, value);
}

/** Days compare as they are written. */
function faultInRange<Value extends number | string>({ min, max }: Rules, value: Value): string | undefined {
  if (min !== undefined && value < min) return `Give ${min} or more.`;
  return max !== undefined && value > max ? `Give ${max} or less.` : undefined;
}

function faultInList(
  { min = 0, max = mostEntries, values }: Rules,
  list: readonly unknown[],
): string | undefined {
  if (!list.every((entry) => shortLine.safeParse(entry).success))
    return 'Give texts of visible characters, each in one line.';
  if (new Set(list).size < list.length) return 'Give each entry once.';
  if (list.length < Number(min)) return `Give at least ${min}.`;
  if (list.length > Number(max)) return `Give at most ${max}.`;
  const isKnown = (entry: unknown) => values === undefined || values.some((known) => known === entry);
  return list.every(isKnown) ? undefined : 'Choose among those that are offered.';
}

/**
 * What a new state of the values would change that it may not. What stays as it is needs no check: rules may have become
 * stricter since it was written.
 */
export function findAttributeFaults(
  definitions: readonly AttributeDefinition[],
  {
    before,
    after,
    who,
  }: { before: AttributeValues; after: Readonly<Record<string, unknown>>; who: AttributeReader },
): FieldFault[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, given] = [own(before, name), own(after, name)];
    if (isDeepStrictEqual(old, given)) return [];
    const definition = definitions.find((one) => one.name === name);
    const message = faultInChange(definition, given, who);
    return message === undefined ? [] : [{ field: `attributes.${name}`, message }];
  });
}

function faultInChange(
  definition: AttributeDefinition | undefined,
  given: unknown,
  who: AttributeReader,
): string | undefined {
  // Of what is hidden nothing is said, not even that it is there.
  if (definition === undefined || accessOf(definition, who) === 'none')
    return given === undefined ? undefined : 'There is no such attribute.';
  if (accessOf(definition, who) === 'read') return 'This can be seen only.';
  return given === undefined ? undefined : faultInValue(definition, given);
}

/**
 * The values after a change by somebody who does not see all of them: those that are hidden from them stay; those of no
 * definition go.
 */
export function keepHidden(
  definitions: readonly AttributeDefinition[],
  { before, after, who }: { before: AttributeValues; after: AttributeValues; who: AttributeReader },
): AttributeValues | undefined {
  const kept = definitions.flatMap((definition): [string, AttributeValue][] => {
    const { name } = definition;
    const value = own(accessOf(definition, who) === 'none' ? before : after, name);
    return value === undefined ? [] : [[name, value]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** What somebody may see of the values, by name. */
export function visibleValues(
  definitions: readonly AttributeDefinition[],
  values: AttributeValues,
  who: AttributeReader,
): AttributeValues | undefined {
  const seen = definitions
    .filter((definition) => accessOf(definition, who) !== 'none')
    .flatMap(({ name, type }): [string, AttributeValue][] => {
      const value = own(values, name);
      return value !== undefined && isOfType(type, value) ? [[name, value]] : [];
    });
  return seen.length === 0 ? undefined : Object.fromEntries(seen);
}

/** The values as claims, under the names that apps know them by. */
export function claimsOfAttributes(
  definitions: readonly AttributeDefinition[],
  values: AttributeValues,
): Record<string, AttributeValue> {
  const claims = definitions.flatMap(({ name, type, claim }): [string, AttributeValue][] => {
    const value = own(values, name);
    return claim !== null && value !== undefined && isOfType(type, value) ? [[claim.name, value]] : [];
  });
  return Object.fromEntries(claims);
}

/** A value may have come under a definition of the same name that is gone. */
function isOfType(type: AttributeDefinition['type'], value: AttributeValue): boolean {
  if (type === 'list') return typeof value === 'object';
  return typeof value === (type === 'number' || type === 'boolean' ? type : 'string');
}

/** Never what every object inherits. */
function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
