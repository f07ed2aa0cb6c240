import type Router from '@koa/router';
import { z } from 'zod';
import type { AttributeDefinition, PresentAttributes } from '../../server/accounts/attributes/definition.ts';
import type {
  AcceptInvitation,
  InvitationLinkState,
} from '../../server/accounts/invitations/accept-invitation.ts';
import type { TermsUse } from '../../server/accounts/terms.ts';
import type { FieldFault } from '../../server/errors.ts';
import type { PageContext, RequestState } from '../../server/http/context.ts';
import type { Csrf } from '../../server/http/csrf.ts';
import { actorOf, basePathOf } from '../../server/http/page-context.ts';
import type { Render } from '../../server/http/render.ts';
import { askedFields, attributesAsked, attributesTyped } from '../attribute-fields.ts';
import { findOnward, type OnwardDeps } from '../onward.ts';

export interface InvitationPageDeps extends OnwardDeps {
  render: Render;
  csrf: Csrf;
  acceptInvitation: AcceptInvitation;
  choosesUsername: boolean;
  terms: Pick<TermsUse, 'present'>;
  presentAttributes: PresentAttributes;
}

const path = '/invitation';
const purpose = 'invitation';

/** Strict: a field that is not asked for is refused, not passed over (ATTACKS I01). */
const acceptForm = z.strictObject({
  csrf: z.string(),
  token: z.string().max(256).default(''),
  name: z.string().max(1024).default(''),
  username: z.string().max(1024).default(''),
  password: z.string().max(8192).default(''),
  terms: z.string().max(100).default(''),
});

/** `/invitation?token=…`: opening the link uses nothing up (mail scanners and previews open links too, ATTACKS F06). */
export function addInvitation(router: Router<RequestState, object>, deps: InvitationPageDeps): void {
  router.get(path, (ctx) => show(deps, ctx));
  router.post(path, (ctx) => submit(deps, ctx));
}

async function show(deps: InvitationPageDeps, ctx: PageContext): Promise<void> {
  const token = typeof ctx.query.token === 'string' ? ctx.query.token : '';
  const link = await deps.acceptInvitation.look(token);
  if (link.state !== 'live') return renderOver(deps, ctx, link.state);
  const definitions = await deps.presentAttributes();
  const empty = { name: '', username: '', attributes: {}, faults: [] };
  renderForm(deps, ctx, { token, email: link.email, ...empty, definitions });
}

async function submit(deps: InvitationPageDeps, ctx: PageContext): Promise<void> {
  const definitions = await deps.presentAttributes();
  const form = await deps.csrf.readForm(ctx, purpose, acceptForm.extend(attributesAsked(definitions)));
  const { token, password, terms } = form;
  const given = {
    name: form.name.trim(),
    username: deps.choosesUsername ? form.username.trim() : '',
    attributes: attributesTyped(definitions, form),
  };
  const outcome = await deps.acceptInvitation.accept({ ...given, token, password, terms, by: actorOf(ctx) });
  switch (outcome.kind) {
    case 'accepted': {
      const { email, clientId } = outcome;
      const onward = await findOnward(deps, clientId === null ? undefined : { clientId });
      return deps.render(ctx, 'invitation-done', { email, onward }, 201);
    }
    case 'refused':
      return renderForm(deps, ctx, {
        token,
        email: outcome.email,
        ...given,
        definitions,
        faults: outcome.fields,
      });
    case 'over':
      return renderOver(deps, ctx, outcome.state);
    default:
      return outcome satisfies never;
  }
}

function renderForm(
  { issuer, render, csrf, choosesUsername, terms }: InvitationPageDeps,
  ctx: PageContext,
  given: {
    token: string;
    email: string;
    name: string;
    username: string;
    attributes: Readonly<Record<string, string>>;
    definitions: readonly AttributeDefinition[];
    faults: readonly FieldFault[];
  },
): void {
  const { token, email, name, username, attributes, definitions, faults } = given;
  const faultOf = (field: string) => faults.find((fault) => fault.field === field)?.message ?? null;
  render(
    ctx,
    'invitation',
    {
      form: { action: `${basePathOf(issuer)}${path}`, csrf: csrf.token(ctx, purpose) },
      token,
      email,
      name,
      username: choosesUsername ? username : null,
      faults: {
        name: faultOf('name') ?? faultOf('roles'),
        username: faultOf('username'),
        password: faultOf('password'),
        terms: faultOf('terms'),
      },
      attributes: askedFields(definitions, attributes, faults),
      terms: terms.present ?? null,
    },
    faults.length === 0 ? 200 : 422,
  );
}

/** Each link that does nothing says why, and what to do next. */
function renderOver(
  { issuer, render }: InvitationPageDeps,
  ctx: PageContext,
  why: Exclude<InvitationLinkState, 'live'>,
): void {
  render(
    ctx,
    'invitation-link',
    { why, signIn: `${basePathOf(issuer)}/account` },
    why === 'closed' ? 403 : 400,
  );
}
