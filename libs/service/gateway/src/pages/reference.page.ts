import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UnknownAddressError } from '../problems/gateway.errors.js';
import { escaped, htmlAnswer } from './html.js';
import type { Page } from './page.js';

/** Everything comes from this gateway; the reference sets styles and small pictures from its own script. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const TEXT_CSS = 'text/css; charset=utf-8';
const TEXT_SCRIPT = 'text/javascript; charset=utf-8';

/** Files of the reference package that are served, with their types. No other file of the package can be asked for. */
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': TEXT_CSS, 'index.css': TEXT_CSS, 'swagger-ui-bundle.js': TEXT_SCRIPT, 'favicon-32x32.png': 'image/png',
};

const START = `window.addEventListener('load', () => {
  window.SwaggerUIBundle({ url: '/v1/openapi.json', dom_id: '#reference', deepLinking: true, tryItOutEnabled: false, validatorUrl: null });
});
`;

const packageFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = (nodeName: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reference of ${escaped(nodeName)}</title>
<link rel="icon" href="/docs/files/favicon-32x32.png">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<link rel="stylesheet" href="/docs/files/index.css">
</head>
<body>
<p><a href="/docs/operations">The same as a plain list</a></p>
<main id="reference"></main>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/files/start.js"></script>
</body>
</html>
`;

/** The reference with its own files: a page that reads the OpenAPI document of this gateway. Nothing is fetched from elsewhere. */
export function referencePages(nodeName: string): readonly Page[] {
  const html = page(nodeName);
  return [
    { path: '/docs', show: () => htmlAnswer(html, POLICY) },
    {
      path: '/docs/files/{file}',
      async show({ params, path }) {
        const file = params['file'] ?? '';
        if (file === 'start.js') return { status: 200, headers: { 'content-type': TEXT_SCRIPT, 'cache-control': 'max-age=86400' }, body: START };
        const type = Object.hasOwn(FILES, file) ? FILES[file] : undefined;
        if (type === undefined) throw new UnknownAddressError(path);
        return { status: 200, headers: { 'content-type': type, 'cache-control': 'max-age=86400' }, body: await readFile(join(packageFolder, file)) };
      },
    },
  ];
}
