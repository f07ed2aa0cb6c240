// Plain JavaScript for any Node since 18: it runs before anything that an old one could not parse.
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * By major version, the first release without the hash flooding of CVE-2026-21717, which one JSON body of colliding keys
 * is enough for. Later majors all have the fix; earlier ones run no TypeScript or lack what the engine needs.
 */
const firstGood = new Map([
  [24, '24.14.1'],
  [25, '25.8.2'],
]);
const newestListed = 25;

const packaged = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

/**
 * What is wrong with this Node, in one line that says what was found, what is needed and how to get it; undefined when it
 * is good enough.
 *
 * @param {string} version as in process.versions.node
 * @param {boolean} hasPackaged whether `npm ci` has brought a fitting Node into node_modules/.bin
 * @returns {string | undefined}
 */
export function nodeFault(version, hasPackaged) {
  const major = Number.parseInt(version, 10);
  if (major > newestListed) return undefined;
  const least = firstGood.get(major);
  if (least !== undefined && !isOlder(version, least)) return undefined;
  return `This is Node ${version}, but Gatehouse needs Node 24 LTS, 24.14.1 or later. ${remedy(hasPackaged)}`;
}

/** @param {boolean} hasPackaged */
function remedy(hasPackaged) {
  return hasPackaged
    ? 'One is in node_modules/.bin already: use "npm start" and "npx gatehouse", or run it by that path.'
    : 'On Linux x64 and arm64 "npm ci" brings one and "npm start" uses it; elsewhere install Node 24 LTS.';
}

/**
 * @param {string} version
 * @param {string} least
 */
function isOlder(version, least) {
  const [found, needed] = [version, least].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10)),
  );
  const place = needed.findIndex((part, index) => part !== found[index]);
  return place !== -1 && found[place] < needed[place];
}

/**
 * Ends a process that runs on an unfit Node with exit code 1. It does not start the packaged one in its place: a process
 * in between would catch the signals and the kill of whoever supervises the server.
 */
export function refuseUnfitNode() {
  const hasOther = existsSync(packaged) && realpathSync(packaged) !== process.execPath;
  const fault = nodeFault(process.versions.node, hasOther);
  if (fault === undefined) return;
  process.stderr.write(`${fault}\n`);
  process.exit(1);
}
