import type { IncomingMessage } from 'node:http';
import { type AdapterFactory, type AdapterPayload, Provider } from 'oidc-provider';

/** The engine tells of codes only once it has accepted them; the audit log has to know whose it was that was refused. */
const presented = new WeakMap<IncomingMessage, AdapterPayload>();

/** The storage, noting for each request which authorization code it has found. */
export const notingCodes =
  (adapter: AdapterFactory): AdapterFactory =>
  (model) => {
    const storage = adapter(model);
    if (model !== 'AuthorizationCode') return storage;
    return {
      ...storage,
      async find(id) {
        const found = await storage.find(id);
        const req = Provider.ctx?.req;
        if (found && req !== undefined) presented.set(req, found);
        return found;
      },
    };
  };

/** The code that this request presented, if it was alive then, used or not. */
export function presentedCode(req: IncomingMessage): AdapterPayload | undefined {
  return presented.get(req);
}
