import type { ViewModels } from '../../server/http/view-models.ts';

/** The page of an API, with the same words everywhere. */
export const referenceModel = (text: string): ViewModels['api-reference'] => ({
  title: text,
  about: text,
  root: text,
  document: '/api/openapi.json',
  groups: [
    {
      name: 'things',
      operations: [
        {
          id: 'op',
          method: text,
          path: text,
          summary: text,
          scopes: [text],
          parameters: [{ name: text, place: text, about: text }],
          body: { types: [text], schemaName: null, schema: text },
          curl: text,
          answers: [
            { status: text, about: text, codes: [], example: text, schemaName: text, schema: null },
            { status: text, about: text, codes: [], example: null, schemaName: null, schema: text },
            {
              status: text,
              about: null,
              codes: ['conflict'],
              example: null,
              schemaName: null,
              schema: null,
            },
          ],
        },
        {
          id: 'other',
          method: text,
          path: text,
          summary: text,
          scopes: [],
          parameters: [],
          body: null,
          curl: text,
          answers: [],
        },
      ],
    },
  ],
  errors: [{ code: 'conflict', status: 409, title: text }],
  schemas: [{ name: text, text }],
});
