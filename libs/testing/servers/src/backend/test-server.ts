/** Where the servers of a test run come from. */
export type BackendKind = 'external' | 'docker' | 'embedded';

/** One server at a test's disposal. */
export interface TestServer {
  readonly kind: BackendKind;
  readonly url: string;
  stop(): Promise<void>;
}
