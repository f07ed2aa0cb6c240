import type { Client } from 'oidc-provider';
import type { HeldRole } from '../clients/roles/role.ts';

/** Metadata of the engine's client: the roles that an operator has given it, with their ends. */
export const heldRolesKey = 'held_roles';

/** The roles that the client has now. It is kept in memory for long, so ends are looked at whenever somebody asks. */
export function rolesOfClient(client: Client, now: Date): string[] {
  const held = (client[heldRolesKey] ?? []) as readonly HeldRole[];
  return held.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).map(({ name }) => name);
}
