import { createHash, createHmac } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import type { HashFamily } from './family.ts';

const text = String.raw`\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}`;
/** Whose hashes they are, by what stands in front of bcrypt's own text. */
const forms = [
  { scheme: 'bcrypt', form: new RegExp(`^(?:bcrypt\\$)?(${text})$`) },
  // Django's BCryptSHA256PasswordHasher: a hex digest goes into bcrypt, so that no byte of a long password is ignored.
  { scheme: 'django-bcrypt-sha256', form: new RegExp(`^bcrypt_sha256\\$(${text})$`) },
  // WordPress 6.8: HMAC-SHA-384 in base64 goes into bcrypt.
  { scheme: 'wordpress-bcrypt', form: new RegExp(`^\\$wp(${text})$`) },
];

/** bcrypt by itself and with a digest in front of it. */
export const bcrypt: HashFamily = {
  schemes: forms.map(({ scheme }) => scheme),

  read(given) {
    for (const { scheme, form } of forms) {
      const [, hash, cost] = form.exec(given) ?? [];
      if (hash === undefined) continue;
      const rounds = Number(cost);
      const weak = rounds < 8 ? `bcrypt of cost ${rounds}` : undefined;
      return { scheme, hash, work: 0.1 * 2 ** rounds, weak };
    }
    return undefined;
  },

  verify: (scheme, hash, password) => compareSync(prepare(scheme, password), hash),
};

/** As text, which is how the library takes it. Bytes behind the 72nd are ignored, as they were where the hash was made. */
function prepare(scheme: string, password: Buffer): string {
  if (scheme === 'django-bcrypt-sha256') return createHash('sha256').update(password).digest('hex');
  if (scheme !== 'wordpress-bcrypt') return password.toString('utf8');
  // WordPress trims before it hashes.
  const trimmed = password.toString('utf8').replace(/^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g, '');
  return createHmac('sha384', 'wp-sha384').update(trimmed).digest('base64');
}
