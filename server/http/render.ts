import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileViews } from './compile-views.ts';
import type { PageContext } from './context.ts';
import type { ViewModels, ViewName } from './view-models.ts';
import { makeCatalogue } from './words.ts';

export interface RenderOptions {
  /** The folder `views`. */
  viewsDir: string;
  /** The folder for what is compiled once. */
  keptCode: string;
  /** basePathOf(issuer). */
  basePath: string;
  /** The name that people see. */
  serviceName: string;
  /** The version segment of static-files.ts. */
  assetVersion: string;
}

/** Answers with a page. Sets status, type, body and `Cache-Control: no-store`, nothing else. */
export type Render = <Name extends ViewName>(
  ctx: PageContext,
  name: Name,
  model: ViewModels[Name],
  status?: number,
) => void;

const viewNames = Object.keys({
  landing: 0,
  'sign-in': 0,
  consent: 0,
  continue: 0,
  expired: 0,
  error: 0,
  'sign-out': 0,
  'signed-out': 0,
  'device-code': 0,
  'device-confirm': 0,
  'device-done': 0,
  'first-admin': 0,
  'first-admin-link': 0,
  'first-admin-done': 0,
  'forgot-password': 0,
  'forgot-password-sent': 0,
  'reset-password': 0,
  'reset-password-link': 0,
  'reset-password-done': 0,
  'sign-up': 0,
  'sign-up-closed': 0,
  'sign-up-waiting': 0,
  'verify-email': 0,
  'verify-email-link': 0,
  'verify-email-done': 0,
  'verify-first': 0,
  terms: 0,
  invitation: 0,
  'invitation-link': 0,
  'invitation-done': 0,
  'account-verify-email': 0,
  mailbox: 0,
  'api-reference': 0,
  'account-profile': 0,
  'account-security': 0,
  'account-sessions': 0,
  'account-apps': 0,
  'account-email': 0,
  'account-picture': 0,
  'account-data': 0,
  'account-deleted': 0,
  'account-support': 0,
  'mail-link': 0,
  'mail-link-done': 0,
  'mail-link-over': 0,
  'account-activity': 0,
  account: 0,
  admin: 0,
} satisfies Record<ViewName, 0>);

/** Every template, compiled now or before; see compileViews. */
export const compileAllViews = (viewsDir: string, keptCode: string) =>
  compileViews(viewsDir, viewNames, keptCode);

/**
 * Compiles every template, so that a broken one fails the start and not a request.
 *
 * @throws Error of pug with file and line.
 */
export async function makeRender(options: RenderOptions): Promise<Render> {
  const { viewsDir, basePath, serviceName, assetVersion } = options;
  const templates = await compileAllViews(viewsDir, options.keptCode);
  const { t, segments } = makeCatalogue(readMessages(viewsDir, 'en'));
  const time = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long', timeZone: 'UTC' });
  const surroundings = {
    t,
    segments,
    lang: 'en',
    dir: 'ltr',
    serviceName,
    link: (path: string) => `${basePath}${path}`,
    when: (iso: string) => time.format(new Date(iso)),
    asset: (name: string) => `${basePath}/assets/${assetVersion}/${name}`,
  };

  return (ctx, name, model, status = 200) => {
    const template = templates.get(name);
    if (template === undefined) throw new Error(`no template ${name}`);
    const until = ctx.state.support?.until;
    const support = until === undefined ? null : { until: new Date(until * 1000).toISOString() };
    const page = template({ ...surroundings, support, model });
    ctx.status = status;
    ctx.type = 'text/html; charset=utf-8';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = page;
  };
}

/** The catalogue of one language: texts by their keys. */
export function readMessages(viewsDir: string, language: string): Record<string, string> {
  return JSON.parse(readFileSync(join(viewsDir, 'messages', `${language}.json`), 'utf8'));
}
