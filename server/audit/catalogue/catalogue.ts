import type { z } from 'zod';
import type { EventDescription } from './fields.ts';
import { operationsEvents } from './operations.ts';
import { peopleEvents } from './people.ts';
import { roleEvents } from './roles.ts';
import { signInEvents } from './sign-in.ts';

/** Every kind of event, once: the type `AuditEvent`, the API's description and docs/audit-events.md come from here. */
export const catalogue = { ...signInEvents, ...peopleEvents, ...roleEvents, ...operationsEvents };

/** The same in the order of the manual. */
export const chapters: readonly (readonly [string, Readonly<Record<string, EventDescription>>])[] = [
  ['Signing in, sessions, apps and tokens', signInEvents],
  ['Accounts', peopleEvents],
  ['Roles', roleEvents],
  ['Clients, keys, settings and data', operationsEvents],
];

type Catalogue = typeof catalogue;

/** Without fields there is nothing beside the type. */
type Fields<Of> = string extends keyof Of ? unknown : Of;

/** An event of the catalogue. */
export type CataloguedEvent = {
  [Type in keyof Catalogue]: { type: Type } & Fields<z.output<Catalogue[Type]['fields']>>;
}[keyof Catalogue];

/** All kinds by name, for those who do not know which one they have. */
export const descriptions: ReadonlyMap<string, EventDescription> = new Map(Object.entries(catalogue));
