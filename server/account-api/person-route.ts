import type { z } from 'zod';
import { isRecentSignIn, recentSignIn } from '../authn/recent-sign-in.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { InsufficientAuthentication } from '../http/api/challenge.ts';
import {
  type Answer,
  defineRoute,
  type ParsedRequest,
  type Route,
  type RouteSpec,
} from '../http/api/route.ts';

/** A request of a person about their own account: its id comes from the token and from nowhere else. */
export interface PersonRequest<Params, Query, Body> extends ParsedRequest<Params, Query, Body> {
  accountId: string;
}

export interface PersonRouteSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
> extends Omit<RouteSpec<Params, Query, Body>, 'handle'> {
  /** Whether it takes a recent sign-in (RFC 9470). */
  sensitive?: boolean;
  handle(request: PersonRequest<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** Makes the routes of the account API: each for the person whom the token names. */
export const makeDefinePersonRoute =
  ({ clock }: { clock: Clock }) =>
  <Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>({
    sensitive = false,
    handle,
    ...spec
  }: PersonRouteSpec<Params, Query, Body>): Route => {
    const route = defineRoute<Params, Query, Body>({
      ...spec,
      errors: [...spec.errors, ...(sensitive ? (['insufficient_user_authentication'] as const) : [])],
      handle: (request) => handle({ ...request, accountId: request.caller.claims.sub }),
    });
    return {
      ...route,
      // Before the request is read: who has to sign in first must not fill in anything in vain.
      async run(request) {
        const { actor, claims } = request.caller;
        if (actor.kind !== 'account') throw new AppError('forbidden', { detail: 'a service has no account' });
        if (sensitive && claims.act !== undefined) throw new AppError('acting_for_somebody');
        if (sensitive && !isRecentSignIn(claims.auth_time, clock.now()))
          throw new InsufficientAuthentication({ maxAge: recentSignIn });
        return route.run(request);
      },
    };
  };

export type DefinePersonRoute = ReturnType<typeof makeDefinePersonRoute>;
