/** What stands in the log in place of a secret. */
export const mask = '[hidden]';

/** A field is masked when its name, in lower case and without punctuation, contains one of these. */
const secretParts =
  /password|passwd|passphrase|secret|token|cookie|authorization|credential|assertion|privatekey|apikey|encryptionkey|verifier|pepper|totp|recoverycode|sessionid|dpop/;

/** Or is one of these; `code` alone is an authorization code, a device code or a second factor. */
const secretNames = new Set([
  'code',
  'usercode',
  'devicecode',
  'otp',
  'pin',
  'jwt',
  'jwk',
  'jwks',
  'jti',
  'key',
  'keys',
]);

/** Named like secrets, but only how something is called, counted or done. */
const harmless = /(type|method|hint|format|count|ttl|expires(in|at)|lifetime)s?$/;

export function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const secret = judge(name);
  if (judged.size < mostJudged) judged.set(name, secret);
  return secret;
}

/** Fields have few names, and every entry asks about all of its own. */
const judged = new Map<string, boolean>();
const mostJudged = 500;

function judge(name: string): boolean {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretNames.has(bare) || (secretParts.test(bare) && !harmless.test(bare));
}

const parameter =
  'code|token|\\w+_token|id_token_hint|client_secret|client_assertion|password|new_password|code_verifier|user_code|device_code|secret';

/** Secrets that stand inside longer texts: addresses, headers, messages of drivers. The second field keeps what identifies. */
const patterns: readonly [RegExp, string][] = [
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, mask],
  [/\b(Bearer|Basic|DPoP)\s+[\w~+/.=-]{6,}/gi, `$1 ${mask}`],
  [new RegExp(`([?&#\\s"']|^)(${parameter})=[^&\\s#"']+`, 'gi'), `$1$2=${mask}`],
  [/(\b[a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@]+@/gi, `$1${mask}@`],
];

const telling = /[\s=@.]/;

/** Masks what looks like a token, a password in a URL or a secret parameter, wherever it stands in the text. */
export function maskSecrets(text: string): string {
  // Nothing shorter holds a secret worth the name, and most texts of a log are single words: no pattern matches without one
  // of these characters.
  if (text.length < 8 || !telling.test(text)) return text;
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
