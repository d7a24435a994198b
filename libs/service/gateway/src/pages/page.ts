/** What a page learns of a request. */
export interface PageRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly accept: string;
  readonly path: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** An address that shows something instead of asking an operation. */
export interface Page {
  readonly path: `/${string}`;
  /** @throws UnknownAddressError where the parameters name nothing. */
  show(request: PageRequest): PageAnswer | Promise<PageAnswer>;
}
