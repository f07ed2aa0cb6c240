import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { accountClientId } from '../server/clients/built-in.ts';
import { basePathOf } from '../server/http/page-context.ts';
import type { Render } from '../server/http/render.ts';
import type { Log } from '../server/log.ts';
import type { EnginePages } from '../server/oidc/provider.ts';
import { describeClient } from './client-card.ts';

export interface EnginePagesDeps {
  issuer: string;
  render: Render;
  log: Log;
  /** By this id an operator finds why a client was refused. */
  errorIdOf(ctx: KoaContextWithOIDC, cause: Error): string;
}

/** The pages that the engine shows by itself: sign-out, device codes and errors. Their forms carry the engine's token. */
export function makeEnginePages(deps: EnginePagesDeps): EnginePages {
  const { issuer, render, log, errorIdOf } = deps;
  const basePath = basePathOf(issuer);
  const accountPage = `${basePath}/account`;

  return {
    async signOut(ctx, action, xsrf) {
      const { client } = ctx.oidc;
      const isForeign = client !== undefined && client.clientId !== accountClientId;
      render(ctx, 'sign-out', {
        form: { action, xsrf },
        client: isForeign ? card(client) : null,
        stay: isForeign ? null : accountPage,
      });
    },

    async signedOut(ctx) {
      const { client } = ctx.oidc;
      render(ctx, 'signed-out', { client: client === undefined ? null : card(client), again: accountPage });
    },

    async error(ctx, out, cause) {
      if (cause instanceof errors.SessionNotFound) {
        return render(ctx, 'expired', { client: null, startAgain: accountPage }, ctx.status);
      }
      if (isForPrograms(ctx)) {
        ctx.body = out;
        return;
      }
      const errorId = errorIdOf(ctx, cause);
      const isOwnForm = ownForms.includes(ctx.oidc?.route) && out.error === 'invalid_request';
      const isOurs = out.error === 'server_error' || out.error === 'temporarily_unavailable';
      log.info('error page shown', { errorId, error: out.error, requestId: ctx.state.requestId });
      render(
        ctx,
        'error',
        {
          kind: isOwnForm ? 'stale_form' : isOurs ? 'internal' : 'client_request',
          errorId,
          way: wayBack(ctx, accountPage),
          technical: isOurs ? null : { code: out.error, description: out.error_description ?? '' },
        },
        isOwnForm ? 403 : ctx.status,
      );
    },

    async userCode(ctx, action, xsrf, refusal) {
      const faults = { not_accepted: 'device.refused', aborted: 'device.aborted' } as const;
      render(
        ctx,
        'device-code',
        { form: { action, xsrf }, userCode: '', fault: refusal === undefined ? null : faults[refusal] },
        refusal === 'not_accepted' ? 422 : 200,
      );
    },

    async confirmUserCode(ctx, action, xsrf, client, userCode) {
      render(ctx, 'device-confirm', { form: { action, xsrf }, client: card(client), userCode });
    },

    async deviceDone(ctx) {
      const { client } = ctx.oidc;
      render(ctx, 'device-done', { client: client === undefined ? null : card(client) });
    },
  };
}

/** The engine's own forms; what is wrong with them is never an app's fault. */
const ownForms: readonly unknown[] = ['end_session_confirm', 'code_verification'];

const peoplesRoutes = [
  'authorization',
  'resume',
  'end_session',
  'end_session_confirm',
  'end_session_success',
  'code_verification',
  'device_resume',
];

/** At the other endpoints errors are JSON whatever the Accept header prefers (RFC 6749 5.2): some libraries' defaults begin with HTML. */
function isForPrograms({ oidc }: KoaContextWithOIDC): boolean {
  return oidc !== undefined && !peoplesRoutes.includes(oidc.route);
}

/** These pages show no logo: they are reached by an address that anybody can make up. */
function card(client: Client) {
  return { ...describeClient(client), logo: null };
}

function wayBack(ctx: KoaContextWithOIDC, accountPage: string) {
  const home = ctx.oidc?.client === undefined ? null : describeClient(ctx.oidc.client).home;
  return home === null
    ? ({ href: accountPage, label: 'error.to_account' } as const)
    : ({ href: home, label: 'error.to_client' } as const);
}
