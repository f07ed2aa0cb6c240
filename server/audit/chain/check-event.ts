import type { AuditKeys } from './keys.ts';
import { hashPersonal, isWithoutPersonal, macOf } from './sealed-event.ts';
import type { FoundEvent } from './verification-source.ts';

/** What a row is found to be, by itself: `seal` is the one that its contents would have. */
export type EventCheck =
  | { kind: 'sealed'; seal: Buffer; isStated: boolean }
  | { kind: 'unsealed' | 'unknown_key' | 'personal_changed' | 'personal_removed' };

/**
 * Checks a row against its own seal, without its place.
 *
 * @param unsealedKey the key of its link, for rows from before there were seals
 */
export function checkEvent(keys: AuditKeys, event: FoundEvent, unsealedKey?: string): EventCheck {
  const { columns, salt, personalHash, seal } = event;
  const isUnsealed = unsealedKey !== undefined && seal === null && personalHash === null;
  const keyId = isUnsealed ? unsealedKey : event.keyId;
  if (keyId === null || (seal === null && !isUnsealed)) return { kind: 'unsealed' };
  const computed = macOf(keys, keyId, columns, personalHash);
  if (computed === undefined) return { kind: 'unknown_key' };
  const isStated = isUnsealed || (seal?.equals(computed) ?? false);
  if (isStated && personalHash !== null) {
    if (salt === null && !isWithoutPersonal(columns)) return { kind: 'personal_changed' };
    if (salt === null && !event.isErased) return { kind: 'personal_removed' };
    if (salt !== null && !hashPersonal(columns, salt).equals(personalHash))
      return { kind: 'personal_changed' };
  }
  return { kind: 'sealed', seal: computed, isStated };
}
