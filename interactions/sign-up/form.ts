import { z } from 'zod';
import type { AttributeDefinition, PresentAttributes } from '../../server/accounts/attributes/definition.ts';
import type { BotCheck, BotVerdict } from '../../server/accounts/bot-check.ts';
import type { AskForAccountUse } from '../../server/accounts/sign-up/ask-for-account.ts';
import type { TermsUse } from '../../server/accounts/terms.ts';
import type { FieldFault } from '../../server/errors.ts';
import type { RoutedContext } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import type { SignUpCookie } from '../../server/http/sign-up-cookie.ts';
import { askedFields, attributesAsked, attributesTyped } from '../attribute-fields.ts';
import { wordsOfVerdict } from '../bot-verdict.ts';
import { describeClient } from '../client-card.ts';
import type { OpenInteraction } from '../load.ts';
import { formPurpose, interactionUrl, signUpUrl } from '../urls.ts';
import { signUpPolicyOf } from './client-policy.ts';

export interface SignUpFormDeps {
  issuer: string;
  render: Render;
  csrf: Csrf;
  signUpCookie: SignUpCookie;
  askForAccount: AskForAccountUse;
  botCheck: BotCheck;
  terms: Pick<TermsUse, 'present'>;
  presentAttributes: PresentAttributes;
  /** Whether people may choose a user name beside their address. */
  choosesUsername: boolean;
}

/** Strict: a field that is not asked for is refused, not passed over (ATTACKS I01). */
const signUpForm = z.strictObject({
  csrf: z.string(),
  email: z.string().max(1024).default(''),
  password: z.string().max(8192).default(''),
  name: z.string().max(1024).default(''),
  username: z.string().max(1024).default(''),
  terms: z.string().max(100).default(''),
  challenge: z.string().max(512).default(''),
  proof: z.string().max(512).default(''),
});

/** `/interaction/:uid/sign-up`: shows the form, or that nobody can sign up here. */
export async function showSignUp(
  deps: SignUpFormDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  if (!deps.askForAccount.isOpen(signUpPolicyOf(open.client))) return showClosed(deps, ctx, open);
  const definitions = await deps.presentAttributes();
  const empty = { name: '', username: '', attributes: {}, faults: [] };
  renderForm(deps, ctx, open, { email: suggestEmail(open), ...empty, definitions });
}

/**
 * Takes the form. Whatever the address is, the answer is the same (ATTACKS D01).
 *
 * @throws AppError csrf_rejected, invalid_form; overloaded when too many passwords are being hashed.
 */
export async function submitSignUp(
  deps: SignUpFormDeps,
  ctx: RoutedContext,
  open: OpenInteraction,
): Promise<void> {
  const { interaction, client } = open;
  if (!deps.askForAccount.isOpen(signUpPolicyOf(client))) return showClosed(deps, ctx, open);
  const definitions = await deps.presentAttributes();
  const schema = signUpForm.extend(attributesAsked(definitions));
  const form = await deps.csrf.readForm(ctx, formPurpose(interaction.uid), schema);
  const given = {
    email: form.email.trim(),
    name: form.name.trim(),
    username: deps.choosesUsername ? form.username.trim() : '',
    attributes: attributesTyped(definitions, form),
  };
  const verdict = await deps.botCheck.admit('sign_up', form);
  if (verdict.kind !== 'passed')
    return renderForm(deps, ctx, open, { ...given, definitions, faults: [], verdict });
  const outcome = await deps.askForAccount.ask({
    ...given,
    password: form.password,
    terms: form.terms,
    browserSecret: deps.signUpCookie.keep(ctx),
    interaction: interaction.uid,
    clientId: client.clientId,
    client: signUpPolicyOf(client),
    by: actorOf(ctx),
  });
  switch (outcome.kind) {
    case 'closed':
      return showClosed(deps, ctx, open);
    case 'refused':
      return renderForm(deps, ctx, open, { ...given, definitions, faults: outcome.fields });
    case 'waiting':
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      return ctx.redirect(signUpUrl(basePathOf(deps.issuer), interaction.uid, client.clientId, '/waiting'));
    default:
      return outcome satisfies never;
  }
}

function showClosed(
  { issuer, render }: SignUpFormDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
): void {
  const signIn = interactionUrl(basePathOf(issuer), interaction.uid, client.clientId, '/login');
  render(ctx, 'sign-up-closed', { signIn }, 403);
}

function renderForm(
  deps: SignUpFormDeps,
  ctx: RoutedContext,
  { interaction, client }: OpenInteraction,
  given: {
    email: string;
    name: string;
    username: string;
    attributes: Readonly<Record<string, string>>;
    definitions: readonly AttributeDefinition[];
    faults: readonly FieldFault[];
    verdict?: BotVerdict;
  },
): void {
  const { email, name, username, attributes, definitions, faults, verdict } = given;
  const basePath = basePathOf(deps.issuer);
  const faultOf = (field: string) => faults.find((fault) => fault.field === field)?.message ?? null;
  deps.render(
    ctx,
    'sign-up',
    {
      form: {
        action: signUpUrl(basePath, interaction.uid, client.clientId),
        csrf: deps.csrf.token(ctx, formPurpose(interaction.uid)),
      },
      client: { ...describeClient(client), logo: null },
      email,
      name,
      username: deps.choosesUsername ? username : null,
      faults: {
        email: faultOf('email'),
        name: faultOf('name'),
        username: faultOf('username'),
        password: faultOf('password'),
        terms: faultOf('terms'),
      },
      attributes: askedFields(definitions, attributes, faults),
      terms: deps.terms.present ?? null,
      challenge: deps.botCheck.challenge('sign_up') ?? null,
      notSent: verdict === undefined ? null : wordsOfVerdict(verdict, { hasPassword: true }),
      signIn: interactionUrl(basePath, interaction.uid, client.clientId, '/login'),
    },
    faults.length === 0 && verdict === undefined ? 200 : 422,
  );
}

/** The address that the client suggests. */
function suggestEmail({ interaction: { params } }: OpenInteraction): string {
  const hint = params.login_hint;
  return typeof hint === 'string' && hint.includes('@') ? hint.slice(0, 254) : '';
}
