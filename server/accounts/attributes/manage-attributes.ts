import { isDeepStrictEqual } from 'node:util';
import { changedFields } from '../../audit/change.ts';
import type { Actor, AuditLog } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import type { FieldFault } from '../../errors.ts';
import type { InTransaction } from '../../transaction.ts';
import type { AttributeDefinition } from './definition.ts';
import { findDefinitionFaults } from './definition-faults.ts';
import { type AttributeStore, mostAttributes, type StoredAttribute } from './store.ts';

export interface ManageAttributesDeps {
  attributes: AttributeStore;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
  /** Scopes of the APIs of this server: none of them brings an attribute. */
  reservedScopes: readonly string[];
}

type Refused = { kind: 'refused'; fields: FieldFault[] };

export type DefineAttributeOutcome =
  | { kind: 'defined'; attribute: StoredAttribute }
  | Refused
  | { kind: 'taken' };

export type ChangeAttributeOutcome =
  | { kind: 'changed'; attribute: StoredAttribute }
  | Refused
  | { kind: 'taken' | 'stale' | 'missing' };

/** An operator says what is to be known of people. Every process knows of it within a second. */
export const makeDefineAttribute =
  ({ attributes, audit, inTransaction, clock, reservedScopes }: ManageAttributesDeps) =>
  async (input: { definition: AttributeDefinition; by: Actor }): Promise<DefineAttributeOutcome> => {
    const { definition, by } = input;
    const fields = findDefinitionFaults(definition, reservedScopes);
    if (fields.length > 0) return { kind: 'refused', fields };
    const now = clock.now();
    const attribute = { definition, createdAt: now, updatedAt: now, version: 1 };
    return inTransaction(async () => {
      const { kind } = await attributes.insert(attribute);
      if (kind === 'too_many')
        return {
          kind: 'refused',
          fields: [{ field: 'name', message: `There can be ${mostAttributes} at most.` }],
        };
      if (kind !== 'written') return { kind: 'taken' };
      const change = { after: { ...definition } };
      await audit.append({ type: 'attribute.defined', attribute: definition.name, change }, by);
      return { kind: 'defined', attribute };
    });
  };

export type DefineAttribute = ReturnType<typeof makeDefineAttribute>;

/**
 * Changes a definition, all but its name and type. Values that are there and do not keep to stricter rules stay, until
 * somebody changes them.
 */
export const makeChangeAttribute =
  ({ attributes, audit, inTransaction, clock, reservedScopes }: ManageAttributesDeps) =>
  async (input: {
    definition: AttributeDefinition;
    expectedVersion: number;
    by: Actor;
  }): Promise<ChangeAttributeOutcome> => {
    const { definition, expectedVersion, by } = input;
    const fields = findDefinitionFaults(definition, reservedScopes);
    if (fields.length > 0) return { kind: 'refused', fields };
    return inTransaction(async () => {
      const before = await attributes.find(definition.name);
      if (before === undefined) return { kind: 'missing' };
      if (before.version !== expectedVersion) return { kind: 'stale' };
      if (before.definition.type !== definition.type)
        return { kind: 'refused', fields: [{ field: 'type', message: 'The type cannot be changed.' }] };
      if (isDeepStrictEqual(before.definition, definition)) return { kind: 'changed', attribute: before };
      const attribute = { ...before, definition, updatedAt: clock.now(), version: before.version + 1 };
      const { kind } = await attributes.update(attribute, expectedVersion);
      if (kind === 'claim_taken') return { kind: 'taken' };
      if (kind !== 'written') return { kind };
      const change = changedFields({ ...before.definition }, { ...definition });
      await audit.append({ type: 'attribute.changed', attribute: definition.name, change }, by);
      return { kind: 'changed', attribute };
    });
  };

export type ChangeAttribute = ReturnType<typeof makeChangeAttribute>;

/** Takes a definition away. Its values are seen by nobody from then on, and are removed soon after. */
export const makeDeleteAttribute =
  ({ attributes, audit, inTransaction, clock }: ManageAttributesDeps) =>
  async (input: {
    name: string;
    expectedVersion: number;
    by: Actor;
  }): Promise<{ kind: 'deleted' | 'stale' }> => {
    const { name, expectedVersion, by } = input;
    return inTransaction(async () => {
      if (!(await attributes.remove(name, expectedVersion, clock.now()))) return { kind: 'stale' };
      await audit.append({ type: 'attribute.deleted', attribute: name }, by);
      return { kind: 'deleted' };
    });
  };

export type DeleteAttribute = ReturnType<typeof makeDeleteAttribute>;
