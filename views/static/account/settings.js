/**
 * What the server wrote onto <main>.
 *
 * @typedef {object} Settings
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} redirectUri
 * @property {string} afterSignOut
 */

/** @returns {Settings} */
export function readSettings() {
  const { issuer, clientId, redirectUri, afterSignOut } = document.querySelector('main')?.dataset ?? {};
  if (!issuer || !clientId || !redirectUri || !afterSignOut) throw new Error('the page carries no settings');
  return { issuer, clientId, redirectUri, afterSignOut };
}
