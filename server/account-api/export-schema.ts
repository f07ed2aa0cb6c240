import Router from '@koa/router';
import { z } from 'zod';
import type { ExportSection } from '../accounts/export/export-account.ts';
import type { RequestState } from '../http/context.ts';
import { exportSchema } from './export-sections.ts';

/** Where the schema of exported accounts is, below the issuer. */
export const exportSchemaPath = '/schemas/account-export.json';

/** The schema (JSON Schema 2020-12) to which each exported account says that it keeps. */
export function makeExportSchemaRouter({ exportSections }: { exportSections: readonly ExportSection[] }) {
  const router = new Router<RequestState, object>();
  const schema = z.toJSONSchema(exportSchema(exportSections), { target: 'draft-2020-12' });
  const text = JSON.stringify(schema, null, 2);
  router.get(exportSchemaPath, (ctx) => {
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = text;
    ctx.type = 'application/schema+json';
  });
  return router;
}
