import type { Mode } from '../config/issuer.ts';

export interface BannerFacts {
  mode: Mode;
  issuer: string;
  dataDir: string | undefined;
  /** Makes the first administrator; printed once and never logged. */
  adminLink: string | undefined;
}

/**
 * Says that the server is ready: to people in evaluation and on a terminal. Elsewhere standard output is a log of JSON
 * lines, which tells the same; there only the link goes out, on standard error, since it must be in no log.
 */
export function announce(facts: BannerFacts): void {
  if (facts.mode === 'evaluation' || process.stdout.isTTY) process.stdout.write(banner(facts));
  else if (facts.adminLink !== undefined)
    process.stderr.write([...firstAdministrator(facts.adminLink), ''].join('\n'));
}

/** What a newcomer needs to see when the server is ready. */
function banner({ mode, issuer, dataDir, adminLink }: BannerFacts): string {
  const rows: [string, string][] = [
    ['Issuer', issuer],
    ['Account page', `${issuer}/account`],
    ['Admin console', `${issuer}/admin`],
  ];
  if (mode === 'evaluation') rows.push(['Mailbox', `${issuer}/dev/mailbox`]);
  if (dataDir !== undefined) rows.push(['Data directory', dataDir]);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(16)}${value}`);
  const head =
    mode === 'evaluation'
      ? 'Gatehouse is ready (evaluation mode: this machine only).'
      : 'Gatehouse is ready.';
  const first = adminLink === undefined ? [] : ['', ...firstAdministrator(adminLink)];
  return ['', head, '', ...lines, ...first, '', ''].join('\n');
}

function firstAdministrator(link: string): string[] {
  return [
    '  There is no administrator yet. Open this link within 15 minutes to become one (it works once):',
    `  ${link}`,
  ];
}
