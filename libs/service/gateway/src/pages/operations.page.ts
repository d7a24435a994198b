import { codesOf } from '../openapi/route-codes.js';
import type { Route } from '../routes/route.js';
import { escaped, htmlAnswer, htmlPage } from './html.js';
import type { Page } from './page.js';

const link = (code: string): string => `<a href="/problems/${escaped(code)}">${escaped(code)}</a>`;

const row = (route: Route): string => `<tr>
<th scope="row"><code>${route.method} ${escaped(route.path)}</code></th>
<td>${escaped(route.operation.summary)}</td>
<td>${route.operation.roles.join(', ')}</td>
<td>${codesOf(route).map(link).join(', ')}</td>
</tr>`;

/** The reference as one table that needs no script. */
export function operationsPage(nodeName: string, routes: readonly Route[]): Page {
  const body = htmlPage(`Operations of ${nodeName}`, `<h1>Operations of ${escaped(nodeName)}</h1>
<p>Also as <a href="/v1/openapi.json">OpenAPI 3.1</a> and as <a href="/docs">reference with examples</a>.</p>
<table>
<caption>${routes.length} operations: who may ask, and what may be refused</caption>
<thead><tr><th scope="col">Address</th><th scope="col">What it does</th><th scope="col">Roles</th><th scope="col">Problems</th></tr></thead>
<tbody>
${routes.map(row).join('\n')}
</tbody>
</table>`);
  return { path: '/docs/operations', show: () => htmlAnswer(body) };
}
