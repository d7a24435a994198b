import { buildDocument } from '../openapi/build-document.js';
import type { ProblemPresenter } from '../problems/problem.presenter.js';
import type { Route } from '../routes/route.js';
import { operationsPage } from './operations.page.js';
import type { Page } from './page.js';
import { problemPage } from './problem.page.js';
import { referencePages } from './reference.page.js';

export type { Page } from './page.js';

/** What the pages show. */
export interface PageSubject {
  readonly nodeName: string;
  /** Public address of the gateway, where it is known. */
  readonly publicUrl: string | undefined;
  readonly routes: readonly Route[];
  readonly problems: ProblemPresenter;
}

/** Everything the gateway shows that is not the answer of an operation. Built once, when the service starts. */
export class Pages {
  readonly all: readonly Page[];

  constructor({ nodeName, publicUrl, routes, problems }: PageSubject) {
    const document = JSON.stringify(buildDocument(routes, { nodeName, publicUrl }));
    this.all = [
      { path: '/', show: () => ({ status: 302, headers: { location: '/docs' }, body: '' }) },
      {
        path: '/v1/openapi.json',
        show: () => ({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' }, body: document }),
      },
      ...referencePages(nodeName),
      operationsPage(nodeName, routes),
      problemPage((code) => problems.typeOf(code)),
    ];
  }
}
