import type { Actor, AuditLog } from '../audit/event.ts';
import { adminAudience, adminScopes } from '../clients/resource-servers.ts';
import { makeReadCaller, type ProofCheck, type VerifyAccessToken } from '../http/api/caller.ts';
import { type Cursors, makeCursors } from '../http/api/cursor.ts';
import type { Route } from '../http/api/route.ts';
import { makeApiRouter } from '../http/api/router.ts';
import type { WholeWriteDeps } from '../http/api/whole-write.ts';
import type { Render } from '../http/render.ts';
import type { NamedKey } from '../keys/key-list.ts';
import { type AllGrantRouteDeps, makeAllGrantRoutes } from './all-grant-routes.ts';
import { type AllSessionRouteDeps, makeAllSessionRoutes } from './all-session-routes.ts';
import { type AttributeRouteDeps, makeAttributeRoutes } from './attribute-routes.ts';
import { type AuditEventRouteDeps, makeAuditEventRoutes } from './audit-event-routes.ts';
import { type BulkRouteDeps, makeBulkRoutes } from './bulk/job-routes.ts';
import { makeRunRow, type RunRowDeps } from './bulk/run-row.ts';
import { type ClientErrorRouteDeps, makeClientErrorRoutes } from './client-error-routes.ts';
import { type ClientRouteDeps, makeClientRoutes } from './client-routes.ts';
import { type ClientSecretRouteDeps, makeClientSecretRoutes } from './client-secret-routes.ts';
import { type HeldRoleRouteDeps, makeClientRoleRoutes, makeUserRoleRoutes } from './held-role-routes.ts';
import { type InvitationRouteDeps, makeInvitationRoutes } from './invitation-routes.ts';
import { type KeyRouteDeps, makeKeyRoutes } from './key-routes.ts';
import { makeOutboxRoutes, type OutboxRouteDeps } from './outbox-routes.ts';
import { makeFindPresentScopes, type PresentScopesDeps } from './present-scopes.ts';
import { makeRank, type Rank, type RankDeps } from './rank.ts';
import { makeResourceServerRoutes, type ResourceServerRouteDeps } from './resource-server-routes.ts';
import { makeRoleHolderRoutes, type RoleHolderRouteDeps } from './role-holder-routes.ts';
import { makeRoleRoutes, type RoleRouteDeps } from './role-routes.ts';
import { makeUserSessionRoutes, type UserSessionRouteDeps } from './session-routes.ts';
import { makeSettingRoutes, type SettingRouteDeps } from './setting-routes.ts';
import { makeSupportRoutes, type SupportRouteDeps } from './support-routes.ts';
import { makeUserLockRoutes, type UserLockRouteDeps } from './user-lock-routes.ts';
import { makeUserPasswordRoutes, type UserPasswordRouteDeps } from './user-password-routes.ts';
import { makeUserRoutes, type UserRouteDeps } from './user-routes.ts';
import { makeUserStandingRoutes, type UserStandingRouteDeps } from './user-standing-routes.ts';
import { makeUserVerificationRoutes, type UserVerificationRouteDeps } from './user-verification-routes.ts';

export interface AdminApiDeps
  extends Omit<ClientRouteDeps, 'clients' | 'rank' | 'cursors' | 'root'>,
    Omit<ClientSecretRouteDeps, 'clients' | 'rank' | 'cursors' | 'root'>,
    Omit<UserRouteDeps, 'accounts' | 'rank' | 'cursors' | 'root'>,
    Omit<UserLockRouteDeps, 'accounts' | 'rank'>,
    Omit<UserPasswordRouteDeps, 'accounts' | 'rank'>,
    Omit<UserStandingRouteDeps, 'accounts' | 'rank'>,
    Omit<UserSessionRouteDeps, 'accounts' | 'rank'>,
    Omit<AllSessionRouteDeps, 'accounts' | 'rank' | 'cursors'>,
    Omit<AllGrantRouteDeps, 'accounts' | 'rank' | 'cursors'>,
    Omit<InvitationRouteDeps, 'rank' | 'cursors' | 'root'>,
    Omit<AttributeRouteDeps, 'cursors' | 'root'>,
    Omit<UserVerificationRouteDeps, 'accounts' | 'rank'>,
    Omit<SupportRouteDeps, 'accounts' | 'rank'>,
    Omit<OutboxRouteDeps, 'cursors'>,
    Omit<AuditEventRouteDeps, 'cursors'>,
    Omit<KeyRouteDeps, 'cursors'>,
    Omit<SettingRouteDeps, 'cursors'>,
    Omit<ResourceServerRouteDeps, 'rank' | 'cursors' | 'root'>,
    Omit<RoleRouteDeps, 'rank' | 'cursors' | 'root'>,
    Omit<HeldRoleRouteDeps, 'accounts' | 'clients' | 'assignments' | 'rank'>,
    Pick<RankDeps, 'findRestricted' | 'readRoleGraph'>,
    Omit<ClientErrorRouteDeps, 'clients' | 'cursors'>,
    Omit<BulkRouteDeps, 'cursors' | 'root'>,
    Pick<RunRowDeps, 'onRowFault'>,
    WholeWriteDeps {
  clients: ClientRouteDeps['clients'] & PresentScopesDeps['clients'];
  accounts: UserRouteDeps['accounts'] & PresentScopesDeps['accounts'];
  assignments: HeldRoleRouteDeps['assignments'] & RoleHolderRouteDeps['assignments'];
  issuer: string;
  verifyAccessToken: VerifyAccessToken;
  proofs: ProofCheck;
  audit: AuditLog;
  /** Tells operators why a client's token was not accepted. */
  noteRefused(actor: Actor, reason: string): void;
  /** Seal the cursors of lists; the first one seals, all open. */
  cursorKeys: readonly NamedKey[];
  render: Render;
}

const place = '/api/admin';

/** The admin API, to be mounted at the issuer's path, and what runs the operations of its jobs. */
export function makeAdminApi(deps: AdminApiDeps) {
  const { issuer } = deps;
  const audience = adminAudience(issuer);
  const root = `${issuer}${place}/v1`;
  const parts = { ...deps, root, cursors: makeCursors(deps.cursorKeys), rank: makeRank(deps) };
  const routes = makeRoutes(parts);
  const findPresentScopes = makeFindPresentScopes(deps);
  const router = makeApiRouter({
    place,
    description: {
      title: 'Gatehouse admin API',
      issuer,
      audience,
      root,
      scopes: adminScopes,
      flows: ['clientCredentials', 'authorizationCode'],
    },
    routes,
    algorithms: deps.proofs.algorithms,
    readCaller: makeReadCaller({ ...deps, audience, findPresentScopes }),
    onRefused(actor, reason, route) {
      deps.noteRefused(actor, reason);
      return deps.audit.append({ type: 'admin.refused', reason, route }, actor);
    },
    render: deps.render,
    writes: deps,
  });
  return { router, runRow: makeRunRow({ ...deps, routes, findPresentScopes }) };
}

type Parts = AdminApiDeps & { root: string; cursors: Cursors; rank: Rank };

function makeRoutes(parts: Parts): Route[] {
  return [
    ...makeClientRoutes(parts),
    ...makeClientSecretRoutes(parts),
    ...makeUserRoutes(parts),
    ...makeUserLockRoutes(parts),
    ...makeUserPasswordRoutes(parts),
    ...makeUserStandingRoutes(parts),
    ...makeUserSessionRoutes(parts),
    ...makeAllSessionRoutes(parts),
    ...makeAllGrantRoutes(parts),
    ...makeUserVerificationRoutes(parts),
    ...makeOutboxRoutes(parts),
    ...makeAuditEventRoutes(parts),
    ...makeResourceServerRoutes(parts),
    ...makeKeyRoutes(parts),
    ...makeSettingRoutes(parts),
    ...makeInvitationRoutes(parts),
    ...makeSupportRoutes(parts),
    ...makeAttributeRoutes(parts),
    ...makeRoleRoutes(parts),
    ...makeRoleHolderRoutes(parts),
    ...makeUserRoleRoutes(parts),
    ...makeClientRoleRoutes(parts),
    ...makeClientErrorRoutes(parts),
    ...makeBulkRoutes(parts),
  ];
}
