import { fileURLToPath } from 'node:url';
import { readMessages } from '../http/render.ts';
import { type Catalogue, makeCatalogue } from '../http/words.ts';
import type { Texts } from '../outbox/compose-mail.ts';

const views = fileURLToPath(new URL('../../views', import.meta.url));

/** The words of mails; read when the first one is written. */
export function makeMailTexts(): Texts {
  let catalogue: Catalogue | undefined;
  return (key, params) => {
    catalogue ??= makeCatalogue(readMessages(views, 'en'));
    return catalogue.t(key, params);
  };
}
