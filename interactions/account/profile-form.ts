import type { z } from 'zod';
import type { Account } from '../../server/accounts/account.ts';
import {
  type AttributeDefinition,
  displayNameIn,
  valuesOf,
} from '../../server/accounts/attributes/definition.ts';
import { attributeField, textOfValue, valueOfText } from '../../server/accounts/attributes/texts.ts';
import { visibleValues } from '../../server/accounts/attributes/values.ts';
import { timeZones } from '../../server/accounts/profile/claim-schemas.ts';
import type { FormField } from '../../server/http/form-field.ts';
import type { ProfileGroup } from '../../server/http/profile-view-models.ts';
import type { MessageKey, Words } from '../../server/http/words.ts';
import { fieldOf, pageLanguage, wordsOfValue } from '../attribute-fields.ts';

interface FieldSpec {
  name: string;
  label: MessageKey;
  hint?: MessageKey;
  autocomplete: string;
  type?: 'text' | 'url' | 'tel';
}

const addressNames = ['street_address', 'locality', 'region', 'postal_code', 'country'] as const;

/** The fields of the form, in the order and words of the page. */
const groups: readonly { title: MessageKey; fields: readonly FieldSpec[] }[] = [
  {
    title: 'profile.group.name',
    fields: [
      { name: 'name', label: 'profile.field.name', autocomplete: 'name' },
      { name: 'given_name', label: 'profile.field.given_name', autocomplete: 'given-name' },
      { name: 'middle_name', label: 'profile.field.middle_name', autocomplete: 'additional-name' },
      { name: 'family_name', label: 'profile.field.family_name', autocomplete: 'family-name' },
      { name: 'nickname', label: 'profile.field.nickname', autocomplete: 'nickname' },
    ],
  },
  {
    title: 'profile.group.about',
    fields: [
      { name: 'profile', label: 'profile.field.profile', autocomplete: 'url', type: 'url' },
      { name: 'website', label: 'profile.field.website', autocomplete: 'url', type: 'url' },
      { name: 'gender', label: 'profile.field.gender', autocomplete: 'sex' },
      {
        name: 'birthdate',
        label: 'profile.field.birthdate',
        hint: 'profile.field.birthdate.hint',
        autocomplete: 'bday',
      },
      { name: 'zoneinfo', label: 'profile.field.zoneinfo', autocomplete: 'off' },
      {
        name: 'locale',
        label: 'profile.field.locale',
        hint: 'profile.field.locale.hint',
        autocomplete: 'language',
      },
    ],
  },
  {
    title: 'profile.group.contact',
    fields: [
      {
        name: 'phone_number',
        label: 'profile.field.phone_number',
        hint: 'profile.field.phone_number.hint',
        autocomplete: 'tel',
        type: 'tel',
      },
      { name: 'street_address', label: 'profile.field.street_address', autocomplete: 'street-address' },
      { name: 'locality', label: 'profile.field.locality', autocomplete: 'address-level2' },
      { name: 'region', label: 'profile.field.region', autocomplete: 'address-level1' },
      { name: 'postal_code', label: 'profile.field.postal_code', autocomplete: 'postal-code' },
      { name: 'country', label: 'profile.field.country', autocomplete: 'country-name' },
    ],
  },
];

const usernameSpec: FieldSpec = {
  name: 'preferred_username',
  label: 'profile.field.preferred_username',
  autocomplete: 'username',
};

/** What stands in the fields: text by the field's name. */
export type ProfileTexts = Readonly<Record<string, string>>;

/** An account as the texts of the form. */
export function textsOf(account: Account, definitions: readonly AttributeDefinition[]): ProfileTexts {
  const { profile, username } = account;
  const { address, ...claims } = profile;
  const texts = Object.entries({ ...claims, ...address, preferred_username: username }).flatMap(
    ([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []),
  );
  const attributes = Object.entries(visibleValues(definitions, valuesOf(account), 'person') ?? {});
  return Object.fromEntries([
    ...texts,
    ...attributes.map(([name, value]): [string, string] => [attributeField(name), textOfValue(value)]),
  ]);
}

/** The names of every field that the form has. */
export const fieldNames: readonly string[] = [
  usernameSpec.name,
  ...groups.flatMap(({ fields }) => fields.map(({ name }) => name)),
];

/** A merge patch of what differs from what is stored: what stood there before, however it came there, needs no second check. */
export function patchOf(
  stored: ProfileTexts,
  typed: ProfileTexts,
  definitions: readonly AttributeDefinition[],
): Record<string, unknown> {
  const attributes = changedAttributes(stored, typed, definitions);
  const changed = Object.entries(typed)
    .filter(([name]) => fieldNames.includes(name))
    .map(([name, text]): [string, string] => [name, text.trim()])
    // A field of one line has no line ends, whatever an operator has stored.
    .filter(([name, text]) => text !== (stored[name] ?? '').replaceAll(/[\r\n]/g, ''))
    .map(([name, text]): [string, string | null] => [name, text === '' ? null : text]);
  const inAddress = ([name]: [string, string | null]) => addressNames.some((part) => part === name);
  const address = changed.filter(inAddress);
  return {
    ...Object.fromEntries(changed.filter((field) => !inAddress(field))),
    ...(address.length === 0 ? {} : { address: Object.fromEntries(address) }),
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
  };
}

function changedAttributes(
  stored: ProfileTexts,
  typed: ProfileTexts,
  definitions: readonly AttributeDefinition[],
): [string, unknown][] {
  return definitions.flatMap((definition): [string, unknown][] => {
    const text = typed[attributeField(definition.name)]?.trim().replaceAll('\r\n', '\n');
    if (text === undefined || text === (stored[attributeField(definition.name)] ?? '')) return [];
    return [[definition.name, valueOfText(definition, text) ?? null]];
  });
}

/** The first fault of each field, by its name in the form. */
export function faultsOf(error: z.ZodError): Record<string, string> {
  const faults = error.issues.map(({ path, message }): [string, string] => [String(path.at(-1)), message]);
  return Object.fromEntries(faults.reverse());
}

/** The form as its page shows it. `stored` is given when it differs from what was edited. */
export function showGroups(
  texts: ProfileTexts,
  faults: Readonly<Record<string, string>>,
  options: {
    usernameChange: boolean;
    definitions: readonly AttributeDefinition[];
    /** What is stored at this moment. */
    present: ProfileTexts;
    stored?: ProfileTexts | undefined;
  },
): ProfileGroup[] {
  const { usernameChange, stored } = options;
  const standard = groups.map(({ title, fields }, index) => ({
    title,
    facts: [],
    fields: [...(index === 0 && usernameChange ? [usernameSpec] : []), ...fields].map(
      ({ name, label, hint, autocomplete, type = 'text' }) => ({
        name,
        label: { key: label },
        hint: hint === undefined ? null : { key: hint },
        autocomplete,
        type,
        value: texts[name] ?? '',
        choices: name === 'zoneinfo' ? zonesWith(texts[name]) : null,
        isRequired: false,
        fault: faults[name] ?? null,
        meanwhile: meanwhileOf(name, texts, stored),
      }),
    ),
  }));
  return [...standard, ...attributeGroup(texts, faults, options)];
}

/** What the operator has defined, as far as the person may see it. */
function attributeGroup(
  texts: ProfileTexts,
  faults: Readonly<Record<string, string>>,
  {
    definitions,
    present,
    stored,
  }: {
    definitions: readonly AttributeDefinition[];
    present: ProfileTexts;
    stored?: ProfileTexts | undefined;
  },
): ProfileGroup[] {
  const fields = definitions
    .filter(({ personAccess }) => personAccess === 'write')
    .map((definition) => {
      const name = attributeField(definition.name);
      const field = fieldOf(definition, { value: texts[name] ?? '', fault: faults[name] ?? null });
      // Needed to make an account; nobody is kept from the rest of their profile for it.
      return { ...field, isRequired: false, meanwhile: meanwhileOf(name, texts, stored) };
    });
  const facts = definitions
    .filter(({ personAccess }) => personAccess === 'read')
    .flatMap((definition) => {
      const text = present[attributeField(definition.name)];
      if (text === undefined) return [];
      return [
        { label: { text: displayNameIn(definition, pageLanguage) }, value: wordsOfValue(definition, text) },
      ];
    });
  return fields.length + facts.length === 0 ? [] : [{ title: 'profile.group.attributes', fields, facts }];
}

function meanwhileOf(name: string, texts: ProfileTexts, stored: ProfileTexts | undefined): Words | null {
  if (stored === undefined || (stored[name] ?? '') === (texts[name] ?? '').trim()) return null;
  const value = stored[name];
  return value === undefined
    ? { key: 'profile.meanwhile.none' }
    : { key: 'profile.meanwhile', params: { value } };
}

/** What an operator has stored stays to be chosen. */
function zonesWith(present: string | undefined): FormField['choices'] {
  const isListed = present === undefined || present === '' || timeZones.includes(present);
  const zones = isListed ? timeZones : [present, ...timeZones];
  return zones.map((zone) => ({ value: zone, label: { text: zone } }));
}
