/** A finished answer: what is sent, and what is kept under an Idempotency-Key. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = 'application/json; charset=utf-8';

/** An answer that carries a value as JSON. Nobody on the way keeps it: most answers depend on who asks. */
export const jsonAnswer = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status, body: JSON.stringify(value), headers: { 'content-type': json, 'cache-control': 'no-store', ...headers },
});
