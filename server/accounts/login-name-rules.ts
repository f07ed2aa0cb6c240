import { foldLoginName, withAsciiDomain } from './account.ts';

const longestAddress = 254;
/** In letters of any script, before its domain is written in ASCII. */
const longestWritten = 320;
const longestLocalPart = 64;
const longestUsername = 64;

/** RFC 5322 3.2.3 dot-atom. Quoted local parts are legal and refused: hardly a mailbox has one, and many parsers stumble. */
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** RFC 1035 2.3.1 labels, at least two; the last one has a letter, so that an IPv4 address is none. */
const domain =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** Letters with their marks, digits, and dots, underscores and hyphens between them; nothing that is not seen. */
const username = /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]*$/u;

/**
 * What is wrong with an e-mail address, in words for a person; nothing if it is one. Strict: exactly one mailbox in
 * ASCII, so that no two parsers between here and the mail server read two different ones; but its domain may be written in the
 * letters of its owner's language, as it is sent to in A-labels (`withAsciiDomain`).
 */
export function faultInEmailAddress(written: string): string | undefined {
  // Nothing is matched against what no address can be: what the rest costs has a bound (ATTACKS F12).
  if (written.length > longestWritten) return 'This address is too long.';
  const address = isWrittenDomain(written) ? withAsciiDomain(written) : written;
  const [local, host, ...more] = address.split('@');
  if (local === undefined || host === undefined || more.length > 0) return 'Use one address with one @.';
  if (address.length > longestAddress || local.length > longestLocalPart) return 'This address is too long.';
  if (!localPart.test(local) || !domain.test(host)) {
    return 'This is not an e-mail address that we can send to. Use letters, digits and the usual signs, as in name@example.com.';
  }
  return undefined;
}

/** Letters and digits as they are written, and nothing that is not seen or stands for another sign. */
function isWrittenDomain(address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return (
    /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{Nd}.-]+$/u.test(domain) &&
    domain.normalize('NFKC') === domain
  );
}

/** What is wrong with the domain of addresses, in words for an operator. */
export function faultInDomain(name: string): string | undefined {
  return faultInEmailAddress(`x@${name}`) === undefined ? undefined : 'Give a domain, as in example.com.';
}

/** What is wrong with a user name, in words for a person. Its compared form must keep to the same rules. */
export function faultInUsername(name: string): string | undefined {
  if (name.includes('@')) return 'A user name has no @; an address belongs into the e-mail field.';
  if (Array.from(name).length > longestUsername) return `Use at most ${longestUsername} characters.`;
  const folded = foldLoginName(name);
  if (!username.test(name) || !username.test(folded) || Array.from(folded).length > longestUsername) {
    return 'Use letters, digits, dots, hyphens and underscores, and begin with a letter or digit.';
  }
  return undefined;
}
