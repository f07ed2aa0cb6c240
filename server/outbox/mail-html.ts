export interface MailPage {
  /** RFC 5646. */
  lang: string;
  title: string;
  serviceName: string;
  before: readonly string[];
  action: { label: string; link: string } | undefined;
  after: readonly string[];
}

/** For the many mail programs that know no other way; the style sheet only adds what a dark background needs. */
const styles = {
  body: 'margin:0;padding:24px 12px;background:#f4f5f7;color:#1d2129;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif',
  main: 'max-width:520px;margin:0 auto;padding:28px 24px;background:#ffffff;border:1px solid #d9dde3;border-radius:10px',
  brand: 'margin:0 0 20px;font-weight:600;color:#3d4654',
  text: 'margin:0 0 16px',
  action: 'margin:24px 0',
  button:
    'display:inline-block;padding:12px 20px;border-radius:8px;background:#1f4fd1;color:#ffffff;text-decoration:none;font-weight:600',
  address: 'margin:0 0 16px;font-size:13px;color:#5a6472;word-break:break-all',
};

const dark = `@media (prefers-color-scheme: dark) {
body { background: #14171c !important; color: #e7eaef !important }
main { background: #1d2229 !important; border-color: #343b46 !important }
.brand, .address { color: #aab4c2 !important }
.button { background: #8fb0ff !important; color: #10131a !important }
}`;

/**
 * The HTML of a mail: no tables, no pictures, nothing that is fetched from anywhere, readable on a light and on a dark
 * background and, if a program drops all of it, as plain paragraphs.
 */
export function mailHtml({ lang, title, serviceName, before, action, after }: MailPage): string {
  return [
    `<!doctype html>`,
    `<html lang="${escapeHtml(lang)}">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="color-scheme" content="light dark">`,
    `<meta name="supported-color-schemes" content="light dark">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${dark}</style>`,
    `</head>`,
    `<body style="${styles.body}">`,
    `<main style="${styles.main}">`,
    `<p class="brand" style="${styles.brand}">${escapeHtml(serviceName)}</p>`,
    ...before.map(paragraph),
    ...(action === undefined ? [] : button(action)),
    ...after.map(paragraph),
    `</main>`,
    `</body>`,
    `</html>`,
    ``,
  ].join('\n');
}

const paragraph = (text: string): string => `<p style="${styles.text}">${escapeHtml(text)}</p>`;

/** The address stands below it as text: a person sees where it leads, and can copy it. */
const button = ({ label, link }: { label: string; link: string }): string[] => [
  `<p style="${styles.action}"><a class="button" style="${styles.button}" href="${escapeHtml(link)}">${escapeHtml(label)}</a></p>`,
  `<p class="address" style="${styles.address}">${escapeHtml(link)}</p>`,
];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
