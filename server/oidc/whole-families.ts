import type { default as Provider } from 'oidc-provider';
import type { TokenStanding } from '../sessions/token-standing.ts';

/**
 * The engine ends a token first, then what else hangs from its grant, and the grant last, each by a call of its own. A process
 * that dies in between would leave the rest alive, and whoever tries again would be told that all is done, since the token is
 * not found any more. Here the first call ends everything at once.
 */
export function installWholeFamilies(provider: Provider, standing: Pick<TokenStanding, 'end'>): void {
  for (const { prototype } of [provider.AccessToken, provider.RefreshToken]) {
    const { destroy } = prototype;
    prototype.destroy = async function destroyFamily(this: { grantId?: string | undefined }) {
      if (this.grantId !== undefined) await standing.end({ kind: 'grant', grantId: this.grantId });
      await destroy.call(this);
    };
  }
  provider.Grant.prototype.destroy = async function destroyFamily() {
    await standing.end({ kind: 'grant', grantId: this.jti });
  };
}
