import {
  type ManageSecretsDeps,
  makeChangeSecret,
  makeCreateSecret,
  makeDeleteSecret,
} from '../clients/secrets/manage-secrets.ts';
import type { ClientSecretStore } from '../clients/secrets/secret-store.ts';
import { makeSecretUses } from '../clients/secrets/secret-uses.ts';

/** The secrets of clients: what operators do with them, and when they were used. */
export function makeClientSecrets(deps: ManageSecretsDeps & { clientSecrets: ClientSecretStore }) {
  return {
    createSecret: makeCreateSecret(deps),
    changeSecret: makeChangeSecret(deps),
    deleteSecret: makeDeleteSecret(deps),
    secretUses: makeSecretUses({ noteUses: deps.clientSecrets.noteUses, clock: deps.clock }),
  };
}
