import type { Account } from '../account.ts';

/** A number is finite; a date is YYYY-MM-DD; a list has no entry twice. */
export type AttributeValue = string | number | boolean | string[];

/** What is known of a person beside the standard claims, by the names that the operator has defined. */
export type AttributeValues = Readonly<Record<string, AttributeValue>>;

export const attributeTypes = ['text', 'number', 'boolean', 'date', 'choice', 'list'] as const;

export type AttributeType = (typeof attributeTypes)[number];

/** What may be a value, beside what follows from the type. */
export interface AttributeRules {
  /** Characters of a text, a number, a day, entries of a list: at least. */
  min?: number | string | undefined;
  max?: number | string | undefined;
  /** Of a number. */
  integer?: boolean | undefined;
  /** Of a text, character by character: see faultInMask. */
  mask?: string | undefined;
  /** Of a choice; and of a list whose entries are chosen. */
  values?: readonly string[] | undefined;
}

export type AttributeAccess = 'none' | 'read' | 'write';

export interface AttributeClaim {
  name: string;
  /** The scope that brings it. */
  scope: string;
}

/** Something that an operator wants to know of people. */
export interface AttributeDefinition {
  name: string;
  /** What people read, by language tag; `default` for all others. */
  displayName: Readonly<Record<string, string>> & { readonly default: string };
  /** Never changes: the values that are there would not fit. */
  type: AttributeType;
  rules: AttributeRules;
  /** What the person may do with their own value. */
  personAccess: AttributeAccess;
  /** What operators may do with the values of people. */
  operatorAccess: AttributeAccess;
  /** Whether nobody makes an account for themselves without it. */
  requiredAtSignUp: boolean;
  /** How apps get it; null: they do not. */
  claim: AttributeClaim | null;
}

/** Who reads or writes values. */
export type AttributeReader = 'person' | 'operator';

export const accessOf = (
  { personAccess, operatorAccess }: AttributeDefinition,
  who: AttributeReader,
): AttributeAccess => (who === 'person' ? personAccess : operatorAccess);

/** The definitions at this moment, oldest first. MUST be no older than a second; the same array while nothing has changed. */
export type PresentAttributes = () => Promise<readonly AttributeDefinition[]>;

/** The values that an account has, of whatever definition. */
export const valuesOf = ({ profile }: Pick<Account, 'profile'>): AttributeValues => profile.attributes ?? {};

/** What it is called in this language, or in the nearest that there is a name in (RFC 4647 3.4). */
export function displayNameIn({ displayName }: AttributeDefinition, language: string): string {
  for (let tag = language; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    if (Object.hasOwn(displayName, tag)) return displayName[tag] ?? displayName.default;
  }
  return displayName.default;
}
