import type { ExportAccount, ExportSection } from '../accounts/export/export-account.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import { exportSchema } from './export-sections.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface ExportRouteDeps {
  exportAccount: ExportAccount;
  exportSections: readonly ExportSection[];
}

/** `export` of the account API: a file, written while it is read. */
export function makeExportRoutes(
  define: DefinePersonRoute,
  { exportAccount, exportSections }: ExportRouteDeps,
): Route[] {
  return [
    define({
      method: 'GET',
      path: '/export',
      operationId: 'exportAccount',
      scope: 'account:read',
      sensitive: true,
      summary: 'Everything that is known of you here, without secrets',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: {
        status: 200,
        description: 'The file',
        schema: exportSchema(exportSections).meta({ id: 'AccountExport' }),
      },
      errors: [],
      handle: async ({ accountId, by }) => ({ status: 200, stream: await exportAccount({ accountId, by }) }),
    }),
  ];
}
