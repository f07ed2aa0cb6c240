import type { MessageKey } from '../../server/http/words.ts';

/** The pages of one's own account, in the order in which they are shown. Each works without script. */
export const accountPages = [
  { path: '/account/profile', label: 'account.profile' },
  { path: '/account/picture', label: 'picture.title' },
  { path: '/account/email', label: 'account.email.page' },
  { path: '/account/security', label: 'account.security' },
  { path: '/account/sessions', label: 'account.sessions' },
  { path: '/account/apps', label: 'account.apps' },
  { path: '/account/activity', label: 'account.activity' },
  { path: '/account/data', label: 'account.data' },
] as const satisfies readonly { path: string; label: MessageKey }[];

export type AccountPagePath = (typeof accountPages)[number]['path'];

/** The links between the account pages; `current` is the one that is open, if it is one of them. */
export function accountLinks(basePath: string, current?: AccountPagePath) {
  const pages: readonly { path: string; label: MessageKey }[] = accountPages;
  return pages.map(({ path, label }) => ({ href: `${basePath}${path}`, label, current: path === current }));
}
