import { z } from 'zod';
import type { AttributeDefinition } from '../accounts/attributes/definition.ts';
import type {
  ChangeAttribute,
  DefineAttribute,
  DeleteAttribute,
} from '../accounts/attributes/manage-attributes.ts';
import type { AttributeStore, StoredAttribute } from '../accounts/attributes/store.ts';
import type { Actor } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import type { Precondition } from '../http/api/etag.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { type Answer, defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import {
  attributeBody,
  attributeName,
  attributeView,
  newAttributeBody,
  parseAttributePatch,
  patchedAttributeBody,
  showAttribute,
  toDefinition,
} from './attribute-body.ts';
import { anyObject } from './client-body.ts';

export interface AttributeRouteDeps {
  attributes: Pick<AttributeStore, 'list' | 'find'>;
  defineAttribute: DefineAttribute;
  changeAttribute: ChangeAttribute;
  deleteAttribute: DeleteAttribute;
  cursors: Cursors;
  /** The absolute URL of the API's root, without a slash at its end. */
  root: string;
}

const oneAttribute = z.strictObject({ name: attributeName });
const changeErrors = ['attribute_not_found', 'attribute_taken', 'precondition_failed'] as const;

/** `user-attributes` of the admin API: what is known of people beside the standard claims. */
export function makeAttributeRoutes(deps: AttributeRouteDeps): Route[] {
  return [
    listAttributes(deps),
    defineAttribute(deps),
    readAttribute(deps),
    replaceAttribute(deps),
    patchAttribute(deps),
    deleteAttribute(deps),
  ];
}

const listAttributes = ({ attributes, cursors }: AttributeRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/user-attributes',
    operationId: 'listUserAttributes',
    scope: 'config:read',
    summary: 'All attributes of people that are defined here, oldest first',
    params: noParameters,
    query: z.strictObject(pageQuery),
    body: noBody,
    success: { status: 200, description: 'A page of attributes', schema: pageOf(attributeView) },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after } }) {
      // There are a hundred at most.
      const page = async (place: string | undefined) => {
        const all = await attributes.list();
        const begin = all.findIndex(({ definition }) => definition.name === place) + 1;
        const items = all.slice(begin, begin + limit);
        const isLast = begin + limit >= all.length;
        return { items, next: isLast ? null : (items.at(-1)?.definition.name ?? null) };
      };
      return { status: 200, body: await readPage(cursors, 'user-attributes', after, page, showAttribute) };
    },
  });

const defineAttribute = (deps: AttributeRouteDeps) =>
  defineRoute({
    method: 'POST',
    path: '/user-attributes',
    operationId: 'createUserAttribute',
    scope: 'config:write',
    summary: 'Define an attribute of people',
    params: noParameters,
    query: noParameters,
    body: { schema: newAttributeBody, mediaTypes: ['application/json'] },
    success: { status: 201, description: 'The whole attribute', schema: attributeView },
    errors: ['attribute_taken'],
    async handle({ body, by }): Promise<Answer> {
      const outcome = await deps.defineAttribute({ definition: toDefinition(body), by });
      switch (outcome.kind) {
        case 'defined':
          return {
            ...answerWith(outcome.attribute),
            status: 201,
            location: `${deps.root}/user-attributes/${body.name}`,
          };
        case 'refused':
          throw new AppError('invalid_input', { fields: outcome.fields });
        case 'taken':
          throw new AppError('attribute_taken');
        default:
          return outcome satisfies never;
      }
    },
  });

const readAttribute = ({ attributes }: AttributeRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/user-attributes/{name}',
    operationId: 'readUserAttribute',
    scope: 'config:read',
    summary: 'One attribute',
    params: oneAttribute,
    missing: 'attribute_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The attribute', schema: attributeView },
    errors: ['attribute_not_found'],
    handle: async ({ params }) => answerWith(await find(attributes, params.name)),
  });

const replaceAttribute = (deps: AttributeRouteDeps) =>
  defineRoute({
    method: 'PUT',
    path: '/user-attributes/{name}',
    operationId: 'replaceUserAttribute',
    scope: 'config:write',
    summary: 'Replace the definition of an attribute, all but its name and type',
    params: oneAttribute,
    missing: 'attribute_not_found',
    query: noParameters,
    body: { schema: attributeBody, mediaTypes: ['application/json'] },
    success: { status: 200, description: 'The whole attribute', schema: attributeView },
    errors: changeErrors,
    example: { body: { display_name: { default: 'Shoe size' }, type: 'number' } },
    async handle({ params: { name }, body, ifMatch, by }) {
      const before = await find(deps.attributes, name);
      if (body.name !== undefined && body.name !== name) throw renamed();
      return change(deps, before, toDefinition({ ...body, name }), ifMatch, by);
    },
  });

const patchAttribute = (deps: AttributeRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/user-attributes/{name}',
    operationId: 'patchUserAttribute',
    scope: 'config:write',
    summary: 'Change some of the definition of an attribute (JSON merge patch, RFC 7396)',
    params: oneAttribute,
    missing: 'attribute_not_found',
    query: noParameters,
    body: {
      schema: anyObject,
      documented: patchedAttributeBody,
      mediaTypes: ['application/merge-patch+json', 'application/json'],
    },
    success: { status: 200, description: 'The whole attribute', schema: attributeView },
    errors: changeErrors,
    async handle({ params: { name }, body, ifMatch, by }) {
      const before = await find(deps.attributes, name);
      const definition = parseAttributePatch(before, body);
      if (definition.name !== name) throw renamed();
      return change(deps, before, definition, ifMatch, by);
    },
  });

const deleteAttribute = (deps: AttributeRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/user-attributes/{name}',
    operationId: 'deleteUserAttribute',
    scope: 'config:write',
    summary: 'Delete an attribute: nobody sees its values any more, and they are removed within minutes',
    params: oneAttribute,
    missing: 'attribute_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'It is gone' },
    errors: ['attribute_not_found', 'precondition_failed'],
    async handle({ params: { name }, ifMatch, by }) {
      const { version } = await find(deps.attributes, name);
      ifMatch.check(version);
      const outcome = await deps.deleteAttribute({ name, expectedVersion: version, by });
      if (outcome.kind !== 'deleted') throw new AppError('precondition_failed');
      return { status: 204 };
    },
  });

async function change(
  { changeAttribute }: AttributeRouteDeps,
  { version }: StoredAttribute,
  definition: AttributeDefinition,
  ifMatch: Precondition,
  by: Actor,
): Promise<Answer> {
  ifMatch.check(version);
  const outcome = await changeAttribute({ definition, expectedVersion: version, by });
  switch (outcome.kind) {
    case 'changed':
      return answerWith(outcome.attribute);
    case 'refused':
      throw new AppError('invalid_input', { fields: outcome.fields });
    case 'taken':
      throw new AppError('attribute_taken');
    case 'stale':
      throw new AppError('precondition_failed');
    case 'missing':
      throw new AppError('attribute_not_found');
    default:
      return outcome satisfies never;
  }
}

const answerWith = (attribute: StoredAttribute): Answer => ({
  status: 200,
  body: showAttribute(attribute),
  version: attribute.version,
});

const renamed = () =>
  new AppError('invalid_input', { fields: [{ field: 'name', message: 'The name cannot be changed.' }] });

async function find(attributes: Pick<AttributeStore, 'find'>, name: string): Promise<StoredAttribute> {
  const attribute = await attributes.find(name);
  if (attribute === undefined) throw new AppError('attribute_not_found');
  return attribute;
}
