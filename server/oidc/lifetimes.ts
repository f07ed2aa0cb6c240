import type { Configuration, Session } from 'oidc-provider';
import { readSupportMark } from '../support-mark.ts';
import { supportIn } from './support.ts';

/** All in seconds. Some may change while the server runs, and are asked for each time. */
export interface Lifetimes {
  authorizationCode: number;
  accessToken: number;
  idToken: number;
  refreshTokenIdle: number;
  refreshTokenAbsolute: number;
  sessionIdle: number;
  sessionAbsolute: number;
  interaction: number;
  deviceCode: number;
  pushedRequest: number;
}

const epoch = (): number => Math.floor(Date.now() / 1000);

/** The engine wants a positive whole number, also of a thing that has just ended. */
const left = (until: number): number => Math.max(1, until - epoch());

export function ttl(lifetimes: Lifetimes): NonNullable<Configuration['ttl']> {
  return {
    AuthorizationCode: lifetimes.authorizationCode,
    AccessToken: (ctx, token) => {
      const until = supportIn(ctx)?.until ?? Number.POSITIVE_INFINITY;
      return Math.min(token.resourceServer?.accessTokenTTL ?? lifetimes.accessToken, left(until));
    },
    ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? lifetimes.accessToken,
    IdToken: () => lifetimes.idToken,
    // Idle: counted anew at every rotation. Absolute: `iiat` is the time of the first token of the chain.
    RefreshToken: (_ctx, token) => {
      const started = typeof token.iiat === 'number' ? token.iiat : epoch();
      return Math.min(lifetimes.refreshTokenIdle, left(started + lifetimes.refreshTokenAbsolute));
    },
    // A grant is never extended and every refresh token dies with it: it must outlive a chain that is begun at the last
    // moment of the session that holds the grant.
    Grant: lifetimes.refreshTokenAbsolute + lifetimes.sessionAbsolute,
    Interaction: lifetimes.interaction,
    Session: (_ctx, session) => sessionLeft(session, lifetimes),
    DeviceCode: lifetimes.deviceCode,
    PushedAuthorizationRequest: lifetimes.pushedRequest,
    BackchannelAuthenticationRequest: lifetimes.deviceCode,
  };
}

/** Sessions slide with use (idle), but end at a fixed time after the sign-in (absolute), or with the operator's time. */
function sessionLeft(session: Session, lifetimes: Lifetimes): number {
  if (session.loginTs === undefined) return lifetimes.sessionIdle;
  const until = readSupportMark(session.amr)?.until ?? Number.POSITIVE_INFINITY;
  return Math.min(lifetimes.sessionIdle, left(Math.min(until, session.loginTs + lifetimes.sessionAbsolute)));
}
