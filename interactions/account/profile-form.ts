import type { z } from 'zod';
import type { Account } from '../../server/accounts/account.ts';
import { timeZones } from '../../server/accounts/profile/claim-schemas.ts';
import type { ProfileGroup } from '../../server/http/profile-view-models.ts';
import type { MessageKey } from '../../server/http/words.ts';

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
export function textsOf({ profile, username }: Account): ProfileTexts {
  const { address, ...claims } = profile;
  const texts = Object.entries({ ...claims, ...address, preferred_username: username }).flatMap(
    ([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []),
  );
  return Object.fromEntries(texts);
}

/** The names of every field that the form has. */
export const fieldNames: readonly string[] = [
  usernameSpec.name,
  ...groups.flatMap(({ fields }) => fields.map(({ name }) => name)),
];

/** A merge patch of what differs from what is stored: what stood there before, however it came there, needs no second check. */
export function patchOf(stored: ProfileTexts, typed: ProfileTexts): Record<string, unknown> {
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
  };
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
  options: { usernameChange: boolean; stored?: ProfileTexts | undefined },
): ProfileGroup[] {
  const { usernameChange, stored } = options;
  return groups.map(({ title, fields }, index) => ({
    title,
    fields: [...(index === 0 && usernameChange ? [usernameSpec] : []), ...fields].map(
      ({ name, label, hint, autocomplete, type = 'text' }) => ({
        name,
        label: { key: label },
        hint: hint === undefined ? null : { key: hint },
        autocomplete,
        type,
        value: texts[name] ?? '',
        choices: name === 'zoneinfo' ? zonesWith(texts[name]) : null,
        fault: faults[name] ?? null,
        meanwhile:
          stored === undefined || (stored[name] ?? '') === (texts[name] ?? '').trim()
            ? null
            : meanwhileOf(stored[name]),
      }),
    ),
  }));
}

const meanwhileOf = (value: string | undefined) =>
  value === undefined
    ? ({ key: 'profile.meanwhile.none' } as const)
    : ({ key: 'profile.meanwhile', params: { value } } as const);

/** What an operator has stored stays to be chosen. */
function zonesWith(present: string | undefined): readonly string[] {
  return present === undefined || present === '' || timeZones.includes(present)
    ? timeZones
    : [present, ...timeZones];
}
