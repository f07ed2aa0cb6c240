import type { AttributeDefinition } from './definition.ts';

/** A definition as it is kept. */
export interface StoredAttribute {
  definition: AttributeDefinition;
  createdAt: Date;
  updatedAt: Date;
  /** Grows with every change; the ETag. */
  version: number;
}

/** Definitions there may be at once: each process has all of them in memory, and each form that shows them. */
export const mostAttributes = 100;

export interface AttributeStore {
  /** All of them, oldest first; not those that are being deleted. */
  list(): Promise<StoredAttribute[]>;
  find(name: string): Promise<StoredAttribute | undefined>;
  /**
   * MUST decide by itself that name and claim are free (`name_taken` also while the values of a deleted one are being removed),
   * and that there are not too many. Anything but `written` leaves nothing behind.
   */
  insert(
    attribute: StoredAttribute,
  ): Promise<{ kind: 'written' | 'name_taken' | 'claim_taken' | 'too_many' }>;
  /** Writes the definition if the stored version is `expectedVersion`, which becomes the next number. */
  update(
    attribute: StoredAttribute,
    expectedVersion: number,
  ): Promise<{ kind: 'written' | 'claim_taken' | 'stale' | 'missing' }>;
  /** Takes it away for everybody; its values are removed later. False: there was none in that version. */
  remove(name: string, expectedVersion: number, now: Date): Promise<boolean>;
}
