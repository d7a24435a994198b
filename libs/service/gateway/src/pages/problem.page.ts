import { UnknownAddressError } from '../problems/gateway.errors.js';
import { problemOf } from '../problems/problem-table.js';
import { escaped, htmlAnswer, htmlPage } from './html.js';
import type { Page, PageAnswer } from './page.js';

const HTML = /\btext\/html\b/;

/** One page per error code, in the form the reader prefers: the address in the `type` of every problem document. */
export const problemPage = (typeOf: (code: string) => string): Page => ({
  path: '/problems/{code}',
  show({ params, accept, path }): PageAnswer {
    const code = params['code'] ?? '';
    const problem = problemOf(code);
    if (problem === undefined) throw new UnknownAddressError(path);
    const vary = { vary: 'Accept' };
    if (!HTML.test(accept)) {
      const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache', ...vary };
      return { status: 200, headers, body: JSON.stringify({ type: typeOf(code), code, ...problem }) };
    }
    const { status, title, meaning, remedy } = problem;
    const page = htmlAnswer(htmlPage(title, `<h1>${escaped(title)}</h1>
<p><code>${escaped(code)}</code>, HTTP status ${status}</p>
<h2>What it means</h2>
<p>${escaped(meaning)}</p>
<h2>What to do</h2>
<p>${escaped(remedy)}</p>
<p><a href="/docs/operations">All operations</a></p>`));
    return { ...page, headers: { ...page.headers, ...vary } };
  },
});
