import type { PageAnswer } from './page.js';

/** Nothing is loaded from anywhere and nothing runs. */
const PLAIN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  caption, th, td { text-align: left; vertical-align: top; }
  th, td { border-bottom: 1px solid; padding: .4rem .8rem .4rem 0; }
  dt { font-weight: 600; } dd { margin: 0 0 .8rem; }
  code { font-family: ui-monospace, monospace; }`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in a page or an attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);

/** A page of its own: one main part, no scripts, readable without a style. `main` is HTML. */
export function htmlPage(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}

/** The answer that carries a page. */
export const htmlAnswer = (body: string, policy: string = PLAIN_POLICY): PageAnswer => ({
  status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', 'content-security-policy': policy },
});
