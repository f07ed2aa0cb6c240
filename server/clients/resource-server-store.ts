import type { ResourceServer } from './resource-servers.ts';
import type { Permission } from './roles/role.ts';

export interface ResourceServerQuery {
  limit: number;
  /** `next` of the page before, in the order (createdAt, id). Any other text is refused as invalid_cursor. */
  after?: string | undefined;
  /** Start of the name or the resource, case folded. */
  search?: string | undefined;
}

/** Resource servers that operators have made; this server's own are not among them. */
export interface ResourceServerStore {
  find(id: string): Promise<ResourceServer | undefined>;
  /** The same, and MUST keep all others from changing it, or from conferring its scopes, until the transaction ends. */
  findForChange(id: string): Promise<ResourceServer | undefined>;
  findByResource(resource: string): Promise<ResourceServer | undefined>;
  list(query: ResourceServerQuery): Promise<{ items: ResourceServer[]; next: string | null }>;
  /** Those of the ids that no client has. MUST keep the others from going until the transaction ends. */
  findUnknownClients(ids: readonly string[]): Promise<string[]>;
  /** MUST decide that the resource is free in the database; one that is still being removed has it, too. */
  insert(server: ResourceServer): Promise<{ kind: 'written' | 'resource_taken' }>;
  update(server: ResourceServer, expectedVersion: number): Promise<{ kind: 'written' | 'stale' | 'missing' }>;
  /**
   * It is gone with the answer, and what people agreed to about it; where that is more than one request can remove, its
   * resource stays taken until `finishDeletions` has removed the rest.
   */
  delete(id: string, expectedVersion?: number): Promise<boolean>;
  /** Removes what deletions have left, at most so many rows. Returns how many. */
  finishDeletions(most: number): Promise<number>;
}

/** What roles do to resource servers. */
export interface ScopeRestrictions {
  /** Of all resource servers that operators have made, the restricted scopes with one of these names. */
  findRestricted(scopes: readonly string[]): Promise<Permission[]>;
  /**
   * Makes scopes restricted, since a role confers them; they stay so. To be called in the transaction that confers them, before
   * they are written: until its end nobody can take the scopes away. Nothing is done when one of them is not there.
   *
   * @returns those that were open before, or those that are not there
   */
  restrict(
    permissions: readonly Permission[],
  ): Promise<{ kind: 'restricted'; newly: Permission[] } | { kind: 'missing'; missing: Permission[] }>;
}

/** Which roles use what is about to go. */
export interface RoleUses {
  /** MUST see roles that were committed before, by whomever. */
  rolesWith(resource: string, scopes: readonly string[]): Promise<{ scope: string; role: string }[]>;
}
