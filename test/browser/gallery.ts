import { fileURLToPath } from 'node:url';
import mount from 'koa-mount';
import type { PageContext } from '../../server/http/context.ts';
import { makeRender } from '../../server/http/render.ts';
import { allowSource, makeSecurityHeaders } from '../../server/http/security-headers.ts';
import { loadStaticFiles } from '../../server/http/static-files.ts';
import type { ViewModels, ViewName } from '../../server/http/view-models.ts';
import { type Host, openHost } from '../server/http/host.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const views = fileURLToPath(new URL('../../views', import.meta.url));

type Models = { [Name in ViewName]: ViewModels[Name][] };

/** Shows any view with any model, under the headers that it has in the server. `/<view>/<number of the model>` */
export interface Gallery extends Host {
  show(models: Models): void;
  /** Paths of all pages on show. */
  paths(): string[];
}

export async function openGallery(): Promise<Gallery> {
  const files = await loadStaticFiles(`${views}/static`);
  const render = await makeRender({
    viewsDir: views,
    keptCode: (await makeTempDir('kept')).path,
    basePath: '',
    serviceName: 'Gatehouse',
    assetVersion: files.version,
  });
  let shown: Models | undefined;
  const showOne = <Name extends ViewName>(ctx: PageContext, name: Name, number: number): void => {
    const model: ViewModels[Name] | undefined = shown?.[name][number];
    if (model !== undefined) render(ctx, name, model);
  };
  const host = await openHost(
    makeSecurityHeaders({ issuer: 'http://localhost' }),
    mount('/assets', files.serve),
    (ctx) => {
      const [, name = '', number = ''] = ctx.path.split('/');
      if (shown === undefined || !Object.hasOwn(shown, name)) return;
      allowSource(ctx, 'img-src', 'https://app.example');
      showOne(ctx, name as ViewName, Number(number));
    },
  );
  return {
    ...host,
    show(models) {
      shown = models;
    },
    paths: () =>
      Object.entries(shown ?? {}).flatMap(([name, models]) =>
        models.map((_model, index) => `/${name}/${index}`),
      ),
  };
}
