import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { makeSeenOnce } from '../../adapters/postgres/artifacts/seen-once.ts';
import { makeAccountPagesRouter } from '../../interactions/account/router.ts';
import { engineForms, makeEngineAnswers } from '../../interactions/engine-answers.ts';
import { makeEnginePages } from '../../interactions/engine-pages.ts';
import { makePageRouter } from '../../interactions/page-router.ts';
import { makePicturesRouter } from '../../interactions/pictures.ts';
import { makeInteractionPolicy, promptValues } from '../../interactions/policy.ts';
import { makeRecoveryRouter } from '../../interactions/recovery/router.ts';
import { makeInteractionRouter } from '../../interactions/router.ts';
import { makeSignUpRouter } from '../../interactions/sign-up/router.ts';
import { interactionUrl } from '../../interactions/urls.ts';
import { exportSchemaPath, makeExportSchemaRouter } from '../account-api/export-schema.ts';
import { makeExportSections } from '../account-api/export-sections.ts';
import { makeProofOfWork } from '../accounts/bot-check.ts';
import { makeExportAccount } from '../accounts/export/export-account.ts';
import { makeApp } from '../app.ts';
import { keptCode } from '../compile-cache.js';
import type { Mode } from '../config/issuer.ts';
import type { Config } from '../config/schema.ts';
import { makeCsrf } from '../http/csrf.ts';
import { makeDeviceCookie } from '../http/device-cookie.ts';
import { makeErrorPage } from '../http/error-page.ts';
import { alive, metadataBeforePath, onlyOn } from '../http/fixed-answers.ts';
import type { Metrics } from '../http/management.ts';
import { measureRequests } from '../http/measure.ts';
import { actorOf, basePathOf } from '../http/page-context.ts';
import { sendProblem } from '../http/problem.ts';
import { makeRender } from '../http/render.ts';
import { makeRequestLog, redactPath } from '../http/request-log.ts';
import { makeSecurityHeaders } from '../http/security-headers.ts';
import { makeSignUpCookie } from '../http/sign-up-cookie.ts';
import { notePeer, onlyForIssuer, plainAddresses } from '../http/site.ts';
import { loadStaticFiles } from '../http/static-files.ts';
import { unambiguousCookies } from '../http/unambiguous-cookies.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { Log } from '../log.ts';
import { protocolAnswers } from '../oidc/answers.ts';
import { makeTellOwnRefusals } from '../oidc/refusals/tell-own-refusals.ts';
import { makeTellRefusals } from '../oidc/refusals/tell-refusals.ts';
import { makeRequestUnit } from '../oidc/request-unit.ts';
import { makeIsGoodForAudience } from '../oidc/resources.ts';
import { secretAnswers } from '../oidc/secret-guard.ts';
import { makeUnavailableAnswers } from '../oidc/unavailable-answers.ts';
import { finishEvents } from '../oidc/unfinished.ts';
import { makeUnstoredTokens } from '../oidc/unstored-tokens.ts';
import type { SettingRules } from '../settings/settings.ts';
import { makeApis } from './apis.ts';
import { makeEngine } from './engine.ts';
import type { House } from './house.ts';
import type { Storage } from './storage.ts';
import { watchHouse } from './watch-house.ts';

export interface WebDeps {
  config: Config;
  mode: Mode;
  storage: Storage;
  house: House;
  log: Log;
  metrics: Metrics;
  signingKeys: readonly SigningKey[];
  settingRules: SettingRules;
}

const views = fileURLToPath(new URL('../../views', import.meta.url));
const vendored = {
  'vendor/oauth4webapi.js': fileURLToPath(import.meta.resolve('oauth4webapi')),
  // For the strength of new passwords; loaded by pages when somebody types one.
  'vendor/zxcvbn-core.js': fileURLToPath(import.meta.resolve('@zxcvbn-ts/core/dist/zxcvbn-ts.js')),
  'vendor/zxcvbn-common.js': fileURLToPath(
    import.meta.resolve('@zxcvbn-ts/language-common/dist/zxcvbn-ts.js'),
  ),
};

/** `runRow`: runs the next operation that waits in a job of the admin API; false when none does. */
export interface Web {
  answer: RequestListener;
  runRow(): Promise<boolean>;
}

/** Everything that answers on the public port. */
export async function makeWeb(deps: WebDeps): Promise<Web> {
  const { config, mode, storage, house, log } = deps;
  const { issuer, serviceName } = config.site;
  const basePath = basePathOf(issuer);
  const files = await loadStaticFiles(`${views}/static`, vendored);
  const render = await makeRender({
    viewsDir: views,
    keptCode: keptCode(),
    basePath,
    serviceName,
    assetVersion: files.version,
  });
  const newId = (): string => house.ids.id();
  const newSecret = (): string => house.ids.secret();
  const csrf = makeCsrf({
    issuer,
    cookieKeys: storage.secrets.cookieKeys,
    newSecret,
    onRefused: (ctx) =>
      house.audit.append({ type: 'csrf.refused', route: redactPath(ctx.path) }, actorOf(ctx)),
  });
  const tellOwnRefusals = makeTellOwnRefusals({ ...house, newId });
  const tellRefusals = makeTellRefusals({ ...house, newId, isKnownClient: house.clientReader.isKept });
  const engine = makeEngine({
    ...deps,
    pages: makeEnginePages({ issuer, render, log, errorIdOf: tellRefusals.errorIdOf }),
    tellRefusals,
    policy: makeInteractionPolicy(),
    promptValues,
    interactionUrl: (uid, clientId) => interactionUrl(basePath, uid, clientId),
  });
  const deviceCookie = makeDeviceCookie(issuer);
  const botCheck = makeProofOfWork({
    ...house,
    ...config.botCheck,
    keys: storage.secrets.cookieKeys,
    seenOnce: makeSeenOnce(storage.database),
  });
  const signUpCookie = makeSignUpCookie(issuer, newSecret);
  const pageTools = { issuer, render, csrf, deviceCookie, signUpCookie, botCheck, newSecret };
  const exportSections = makeExportSections(house);
  const exportAccount = makeExportAccount({
    ...house,
    sections: exportSections,
    schemaUrl: `${issuer}${exportSchemaPath}`,
  });
  const shared = { ...house, ...pageTools, exportSections, exportAccount, engine: () => engine };
  const resources = house.resourceServerReader;
  const interactions = makeInteractionRouter({ ...shared, resources });
  const pages = makePageRouter({ ...shared, mailbox: mode === 'evaluation' ? house.mailbox : undefined });
  const apis = makeApis({ ...deps, ...shared, keys: deps.signingKeys, tellOwnRefusals });
  const accountPages = makeAccountPagesRouter({
    ...shared,
    resources,
    sessionLifetimes: config.lifetimes,
    cookieKeys: storage.secrets.cookieKeys,
  });
  watchHouse(deps);
  const app = makeApp({
    issuer,
    cookieKeys: storage.secrets.cookieKeys.map(({ key }) => key.toString('base64url')),
    frame: [
      notePeer(config.listen.trustProxy),
      makeRequestLog({ log, ids: house.ids, clock: house.clock }),
      measureRequests(deps.metrics, basePath),
      makeSecurityHeaders({ issuer }),
      makeErrorPage({ issuer, render, log, errorIdOf: tellOwnRefusals.errorIdOf, sendProblem }),
      (_ctx, next) => storage.database.forRequest(next),
      plainAddresses,
      unambiguousCookies,
    ],
    outside: [alive, onlyForIssuer(new URL(issuer)), metadataBeforePath(new URL(issuer))],
    // What our own pages read of the engine they must not bring back when it was ended meanwhile.
    aroundOurs: (_ctx, next) => house.units.run({ wait: undefined }, next),
    routers: [
      interactions,
      makeRecoveryRouter(shared),
      makeSignUpRouter(shared),
      makePicturesRouter(shared),
      makeExportSchemaRouter(shared),
      apis.admin.router,
      apis.account,
      accountPages,
      pages,
    ],
    engine,
    around: [
      makeUnavailableAnswers({
        failure: () => storage.database.failure(),
        count: (endpoint, outcome) => deps.metrics.protocol.inc({ endpoint, outcome }),
        log,
      }),
      finishEvents,
      secretAnswers,
      protocolAnswers,
      makeRequestUnit({
        units: house.units,
        replays: house.refreshReplays,
        replayWindow: config.lifetimes.refreshReplayWindow,
        sessionAbsolute: config.lifetimes.sessionAbsolute,
        engine: () => engine,
        showOver: (ctx) => render(ctx, 'expired', { client: null, startAgain: `${basePath}/account` }, 400),
      }),
      makeUnstoredTokens({
        ...shared,
        verifyAccessToken: apis.verifyAccessToken,
        standing: house.tokenStanding,
        isGoodForAudience: makeIsGoodForAudience(resources.find),
      }),
      onlyOn(engineForms, csrf.sameOriginOnly),
      makeEngineAnswers({ render }),
    ],
    assets: files.serve,
    onError: (error) => log.error('an answer could not be finished', { error }),
  });
  const answer = app.callback();
  return { answer: (req, res) => void answer(req, res), runRow: apis.admin.runRow };
}
