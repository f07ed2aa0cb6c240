import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { engineErrors, engineWords, isSaid } from '../../../server/oidc/refusals/engine-words.ts';

/**
 * The engine tells why it refuses in sentences, which belong to no interface of it and change with its versions. Here they are
 * read out of its sources and held against the table that explains them.
 */
const engine = fileURLToPath(
  new URL('../lib/', import.meta.resolve('oidc-provider')).href.replace('/lib/lib/', '/lib/'),
);
const jose = fileURLToPath(new URL('./', import.meta.resolve('jose')));

const sourcesBelow = (folder: string): { path: string; text: string }[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => ({ path, text: readFileSync(`${folder}/${path}`, 'utf8') }));

/** Features that are not switched on, what the constructor and registration check, and what no client causes. */
const elsewhere = new RegExp(
  `^(?:${[
    'provider\\.js',
    'actions/(?:credential|registration|interaction|challenge|grants/(?:ciba|pre_authorized_code))',
    'actions/authorization/(?:ciba|process_request_object)',
    'shared/(?:attest_client_auth|check_rar|validate_json_body|xsrf|reject_structured_tokens)',
    'helpers/(?:client_id_metadata_document|client_schema|sector_|initialize_|configuration|errors|keystore|defaults)',
    'helpers/(?:check_attest_binding|add_client|account_claims|claims|revoke|challenge|normalize_|fetch_|router)',
    'helpers/interaction_policy/prompt\\.js',
    'models/(?!client\\.js|token_helpers|id_token)',
    'adapters|response_modes|views',
  ].join('|')})`,
);

const thrown =
  /(?:throw new|new|super)\s*\(?\s*(?:Invalid\w+|Unsupported\w+|ErrorClass|Error|ExpiredToken)\(\s*(['"`])((?:(?!\1).)+)\1/gs;

interface Sentence {
  path: string;
  says: string;
}

function sentencesOf(folder: string): Sentence[] {
  return sourcesBelow(folder)
    .filter(({ path }) => !elsewhere.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(thrown)].map(([, , said = '']) => ({ path, says: fill(path, said) })),
    );
}

const labels: Readonly<Record<string, string>> = {
  'helpers/grant_source.js': 'authorization code',
  'helpers/grant_common.js': 'authorization code',
};

/** A sentence with holes, as it is said of something. */
const fill = (path: string, said: string): string =>
  said
    .replaceAll("\\'", "'")
    .replace(/^\$\{(?:label|entityLabel)\}/, labels[path] ?? 'it')
    .replace(/\$\{[^}]*pluralize\('(\w+)'[^}]*\}/g, '$1')
    .replace(/\$\{formatters\.formatList\([^}]*\}/g, "'name'")
    .replace(/^\$\{param\}/, 'code_verifier')
    .replace(/\$\{[^}]*\}/g, 'something');

/** Sentences that no client of this server is refused with. */
const unsaid: readonly RegExp[] = [
  /client certificate|certificate subject value/,
  /^invalid OAuth-Client-Attestation format$|OAuth-Client-Attestation JWT$/,
  /^client secret is expired, cannot issue/,
  /^arguments must be|minComp/,
  // Together with "client not found", which is in the table.
  /^client is invalid$/,
  // What an error in the table was caused by.
  /^request (?:entity too large|size did not match)|^stream encoding|^invalid character found$/,
  /^jwt (?:audience missing|issuer invalid)|^unexpected jwks_uri response status code/,
  /^expected 20[04] /,
  // Faults of the configuration, or of the engine.
  /^not implemented$/,
  /^unsupported(?: symmetric encryption key derivation)?$|signing algorithm must be a string$|nonceSecret/,
  // After the words that are in the table.
  /^something unless encrypted$/,
];

describe('the words of the engine', () => {
  const said = sentencesOf(engine);
  const all = [...sourcesBelow(engine), ...sourcesBelow(jose)].map(({ text }) => text).join('\n');
  const isKnown = ({ says }: Sentence): boolean =>
    [...engineWords.map((words) => isSaid(words, says)), ...unsaid.map((one) => one.test(says))].includes(
      true,
    );

  it('are found', () => {
    expect(said.length).toBeGreaterThan(100);
  });

  it('are all in the table', () => {
    expect(said.filter((sentence) => !isKnown(sentence))).toEqual([]);
  });

  it('are still what the table has', () => {
    const ours = [
      'no such resource server',
      'this client may not ask for this resource server',
      'the resource server was made anew after the grant',
    ];
    const texts = engineWords.flatMap(({ says }) => (typeof says === 'string' ? [says] : []));
    const composed = /^(?:authorization code|refresh token|device code) (?:not found|already consumed)$/;
    const isThere = (text: string): boolean =>
      all.includes(text) || all.includes(text.replaceAll("'", "\\'"));
    expect(texts.filter((text) => !isThere(text) && !composed.test(text) && !ours.includes(text))).toEqual(
      [],
    );
    const patterns = engineWords.flatMap(({ says }) => (typeof says === 'string' ? [] : [says]));
    const isMet = (pattern: RegExp): boolean =>
      said.some(({ says }) => pattern.test(says)) ||
      all.split('\n').some((line) => matchesInside(pattern, line));
    // Said of the challenge as of the verifier.
    const isTold = (pattern: RegExp): boolean =>
      isMet(pattern) || isMet(new RegExp(pattern.source.replace('code_challenge', 'code_verifier')));
    expect(patterns.filter((pattern) => !isTold(pattern)).map(String)).toEqual([]);
  });

  it('have errors that the engine has', () => {
    const names = Object.keys(engineErrors).filter((error) => !all.includes(`'${error}'`));
    expect(names).toEqual([]);
  });
});

/** Whether a quoted text of this line fits. */
const matchesInside = (pattern: RegExp, line: string): boolean =>
  [...line.matchAll(/(['"`])((?:(?!\1).)+)\1/g)].some(([, , text = '']) => pattern.test(fill('', text)));
