import { makeSeenOnce } from '../../adapters/postgres/artifacts/seen-once.ts';
import { type AccountApiDeps, makeAccountApiRouter } from '../account-api/router.ts';
import { type AdminApiDeps, makeAdminApi } from '../admin/router.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { Log } from '../log.ts';
import { makeVerifyAccessToken } from '../oidc/access-token.ts';
import { makeProofCheck } from '../oidc/dpop-proof.ts';
import type { TellOwnRefusals } from '../oidc/refusals/tell-own-refusals.ts';
import { makeIsWider } from '../oidc/wider-tokens.ts';
import { makeChangeSettings } from '../settings/change-settings.ts';
import type { SettingRules } from '../settings/settings.ts';
import type { House } from './house.ts';
import type { Storage } from './storage.ts';

/** What is made here of the rest. */
type Own =
  | 'noteRefused'
  | 'onRowFault'
  | 'readRoleGraph'
  | 'settingRules'
  | 'changeSettings'
  | 'verifyAccessToken'
  | 'proofs'
  | 'cursorKeys';

export type ApisDeps = Omit<AdminApiDeps & AccountApiDeps, Own> & {
  storage: Storage;
  house: House;
  log: Log;
  keys: readonly SigningKey[];
  settingRules: SettingRules;
  tellOwnRefusals: TellOwnRefusals;
};

/** The APIs of this server, and what tells whether a token of ours is good. */
export function makeApis(deps: ApisDeps) {
  const { issuer, storage, house, log, settingRules, tellOwnRefusals } = deps;
  const now = (): Date => house.clock.now();
  const verifyAccessToken = makeVerifyAccessToken({
    issuer,
    keys: deps.keys,
    standing: house.tokenStanding,
    isWider: makeIsWider({ ...house, find: house.resourceServerReader.find }),
    now,
  });
  const proofs = makeProofCheck({ issuer, seenOnce: makeSeenOnce(storage.database), now });
  const tokens = { verifyAccessToken, proofs, cursorKeys: storage.secrets.cookieKeys };
  const admin = makeAdminApi({
    ...deps,
    ...tokens,
    noteRefused: (actor, reason) => tellOwnRefusals.noteCaller('admin', actor, reason),
    onRowFault: (error, jobId, number) => log.error('a row of a job failed', { error, jobId, number }),
    readRoleGraph: house.roleGraph.readNow,
    changeSettings: makeChangeSettings({ ...house, settingRules }),
  });
  const account = makeAccountApiRouter({
    ...deps,
    ...tokens,
    noteRefused: (actor, reason) => tellOwnRefusals.noteCaller('account', actor, reason),
  });
  return { admin, account, verifyAccessToken };
}
