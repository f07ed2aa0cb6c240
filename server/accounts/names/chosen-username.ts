import { faultInUsername } from '../login-name-rules.ts';
import { isOfOneScript } from './scripts.ts';
import { skeletonOf } from './skeleton.ts';

/** Names by which people expect to reach whoever runs a service (RFC 2142 and what is usual); nobody chooses them. */
const reserved = [
  'abuse account accounts admin administrator anonymous api auth billing bot ceo contact daemon default everyone finance',
  'ftp gatehouse guest help helpdesk hostmaster info information it legal login logout mail mailer-daemon marketing me',
  'moderator news nobody no-reply noc noreply null official oauth operator owner password postmaster privacy register root',
  'sales security self service shop signin sign-in signup sign-up staff status stats superuser support sysadmin sysop system',
  'team test undefined unknown user usenet uucp verify web webmaster www you',
].flatMap((line) => line.split(' '));

const latinOnly = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u;

/**
 * What is wrong with a user name that somebody chooses for themselves, in words for them. Stricter than `faultInUsername`,
 * which holds for operators too: it must be of one script, must not look like a Latin name in another one (UTS #39, 5), and
 * must not look like a reserved name. Whether another account has one that looks the same is decided where it is stored.
 *
 * @param serviceWords what this service is called: its name, its host
 */
export function faultInChosenUsername(name: string, serviceWords: readonly string[]): string | undefined {
  const fault = faultInUsername(name);
  if (fault !== undefined) return fault;
  if (!isOfOneScript(name))
    return 'Use the letters of one script; those of several can be mistaken for others.';
  const skeleton = skeletonOf(name);
  if (latinOnly.test(skeleton) && !latinOnly.test(name))
    return 'This name looks like one in Latin letters. Choose one that cannot be mistaken.';
  if (reservedSkeletons(serviceWords).has(skeleton))
    return 'This name is kept for those who run the service.';
  return undefined;
}

function reservedSkeletons(serviceWords: readonly string[]): ReadonlySet<string> {
  const words = serviceWords.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return new Set([...reserved, ...words.filter((word) => word.length > 2)].map(skeletonOf));
}
