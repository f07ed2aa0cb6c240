import type { AccountStore } from '../accounts/store.ts';
import type { Actor, AuditLog } from '../audit/event.ts';
import { corsOrigins } from '../clients/metadata.ts';
import { accountAudience, accountScopes, expandScopes } from '../clients/resource-servers.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Clock } from '../clock.ts';
import { isService, makeReadCaller, type ProofCheck, type VerifyAccessToken } from '../http/api/caller.ts';
import { makeCursors } from '../http/api/cursor.ts';
import { makeApiRouter } from '../http/api/router.ts';
import type { Render } from '../http/render.ts';
import type { NamedKey } from '../keys/key-list.ts';
import { type ActivityRouteDeps, makeActivityRoutes } from './activity-routes.ts';
import { type DeletionRouteDeps, makeDeletionRoutes } from './deletion-routes.ts';
import { type EmailRouteDeps, makeEmailRoutes } from './email-routes.ts';
import { type ExportRouteDeps, makeExportRoutes } from './export-routes.ts';
import { type GrantRouteDeps, makeGrantRoutes } from './grant-routes.ts';
import { makePasswordRoutes, type PasswordRouteDeps } from './password-routes.ts';
import { makeDefinePersonRoute } from './person-route.ts';
import { makePictureRoutes, type PictureRouteDeps } from './picture-routes.ts';
import { makeProfileRoutes, type ProfileRouteDeps } from './profile-routes.ts';
import { makeSessionRoutes, type SessionRouteDeps } from './session-routes.ts';

export interface AccountApiDeps
  extends PasswordRouteDeps,
    EmailRouteDeps,
    PictureRouteDeps,
    ExportRouteDeps,
    DeletionRouteDeps,
    SessionRouteDeps,
    GrantRouteDeps,
    Omit<ActivityRouteDeps, 'cursors'>,
    Omit<ProfileRouteDeps, 'accounts'> {
  /** Seal the cursors of lists; the first one seals, all open. */
  cursorKeys: readonly NamedKey[];
  issuer: string;
  verifyAccessToken: VerifyAccessToken;
  proofs: ProofCheck;
  accounts: Pick<AccountStore, 'find'>;
  clients: Pick<ClientStore, 'find'>;
  audit: AuditLog;
  /** Tells operators why a client's token was not accepted. */
  noteRefused(actor: Actor, reason: string): void;
  clock: Clock;
  render: Render;
}

const place = '/api/account';

/** The API of one's own account, to be mounted at the issuer's path. */
export function makeAccountApiRouter(deps: AccountApiDeps) {
  const { issuer, accounts, clients } = deps;
  const audience = accountAudience(issuer);
  const define = makeDefinePersonRoute(deps);
  const routes = [
    ...makeProfileRoutes(define, deps),
    ...makePictureRoutes(define, deps),
    ...makeEmailRoutes(define, deps),
    ...makePasswordRoutes(define, deps),
    ...makeSessionRoutes(define, deps),
    ...makeGrantRoutes(define, deps),
    ...makeActivityRoutes(define, { ...deps, cursors: makeCursors(deps.cursorKeys) }),
    ...makeExportRoutes(define, deps),
    ...makeDeletionRoutes(define, deps),
  ];
  return makeApiRouter({
    place,
    description: {
      title: 'Gatehouse account API',
      issuer,
      audience,
      root: `${issuer}${place}/v1`,
      scopes: accountScopes,
      flows: ['authorizationCode'],
    },
    routes,
    algorithms: deps.proofs.algorithms,
    readCaller: makeReadCaller({
      ...deps,
      audience,
      // Every person has all scopes of their own account that the client was granted; services have none.
      async findPresentScopes(claims) {
        if ((await clients.find(claims.client_id)) === undefined) return undefined;
        if (isService(claims)) return new Set();
        const account = await accounts.find(claims.sub);
        return account?.status === 'active' ? expandScopes(claims.scope.split(' ')) : undefined;
      },
    }),
    onRefused(actor, reason, route) {
      deps.noteRefused(actor, reason);
      return deps.audit.append({ type: 'account.refused', reason, route }, actor);
    },
    render: deps.render,
    cors: {
      ownOrigin: new URL(issuer).origin,
      async originsOf(clientId) {
        const client = await clients.find(clientId);
        return client === undefined ? [] : corsOrigins(client.metadata);
      },
    },
  });
}
