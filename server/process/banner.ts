import type { Mode } from '../config/issuer.ts';

export interface BannerFacts {
  mode: Mode;
  issuer: string;
  dataDir: string | undefined;
  /** Makes the first administrator; printed once and never logged. */
  adminLink: string | undefined;
}

/** What a newcomer needs to see when the server is ready. */
export function banner({ mode, issuer, dataDir, adminLink }: BannerFacts): string {
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
  const first =
    adminLink === undefined
      ? []
      : [
          '',
          '  There is no administrator yet. Open this link within 15 minutes to become one (it works once):',
          `  ${adminLink}`,
        ];
  return ['', head, '', ...lines, ...first, '', ''].join('\n');
}
