import type { Configuration } from 'oidc-provider';

/** Names and attributes of the engine's cookies (RFC 6265bis 4.1.3: `__Host-` needs https and Path=/, `__Secure-` needs https). */
export function cookies(secure: boolean, keys: readonly string[]): NonNullable<Configuration['cookies']> {
  const names = secure
    ? {
        session: '__Host-gatehouse_session',
        interaction: '__Secure-gatehouse_interaction',
        resume: '__Secure-gatehouse_resume',
      }
    : { session: 'gatehouse_session', interaction: 'gatehouse_interaction', resume: 'gatehouse_resume' };
  const attributes = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  return { names, long: { ...attributes, path: '/' }, short: attributes, keys: [...keys] };
}
