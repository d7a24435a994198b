import { createHash } from 'node:crypto';
import { agreement, clearing, exchange, federation, identity, matching, trust } from '@kula/contracts';
import type { Wallet } from '@kula/testing-fixtures';
import type { z } from 'zod';

/** How long a call is repeated while the node or one of its services is away. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 150;

/** An answer of the gateway that is a refusal: the problem document as it came. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly status: number, readonly code: string, detail: string) {
    super(`${status} ${code}: ${detail}`);
  }
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** Name of the request: repeating it under the same name answers the same. */
  readonly key?: string;
}

interface Problem { readonly code?: string; readonly detail?: string }

const isTemporary = (status: number) => status === 503 || status === 502 || status === 429;

/** A person or program at the REST door of one node, signed in with its own key. Repeats what fails for a passing reason. */
export class NodeClient {
  private token: string | undefined;

  constructor(readonly baseUrl: string, readonly nodeId: string, readonly wallet: Wallet | null = null) {}

  /** The same node, signed in as another party. */
  as(wallet: Wallet): NodeClient {
    return new NodeClient(this.baseUrl, this.nodeId, wallet);
  }

  /** Bearer token for printing a command that people can try. */
  async bearer(): Promise<string> {
    this.token ??= await this.signIn();
    return this.token;
  }

  async get<Output extends z.ZodType>(path: string, output: { readonly output: Output }): Promise<z.output<Output>> {
    return output.output.parse(await this.call({ method: 'GET', path }));
  }

  /** All pages of a list. */
  async all<Item>(path: string, operation: { readonly output: z.ZodType<{ items: Item[]; nextCursor: string | null }> }): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const separator: string = path.includes('?') ? '&' : '?';
      const page: { items: Item[]; nextCursor: string | null } = operation.output.parse(
        await this.call({ method: 'GET', path: `${path}${separator}limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}` }),
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  async post<Output extends z.ZodType>(path: string, body: unknown, key: string | null, operation: { readonly output: Output }): Promise<z.output<Output>> {
    return operation.output.parse(await this.call({ method: 'POST', path, body, ...(key !== null && { key }) }));
  }

  private async call(call: Call): Promise<unknown> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.attempt(call).catch((error: unknown) => {
        if (error instanceof ProblemError || Date.now() > deadline) throw error;
        return undefined;
      });
      if (answer !== undefined) return answer.value;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** One try. Undefined where trying again may help. */
  private async attempt(call: Call): Promise<{ readonly value: unknown } | undefined> {
    const headers = await this.headersOf(call);
    const response = await fetch(`${this.baseUrl}${call.path}`, {
      method: call.method, headers, signal: AbortSignal.timeout(20_000), ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    });
    const value: unknown = await response.json();
    if (response.ok) return { value };
    this.judge(response.status, value as Problem);
    return undefined;
  }

  private async headersOf({ path, body, key }: Call): Promise<Record<string, string>> {
    return {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(this.wallet !== null && { authorization: `Bearer ${await this.bearer()}` }),
      ...(key !== undefined && { 'idempotency-key': createHash('sha256').update(`${path} ${key}`).digest('base64url') }),
    };
  }

  /** @throws ProblemError where trying again does not help. */
  private judge(status: number, { code = 'unknown', detail = '' }: Problem): void {
    if (status === 401 && this.token !== undefined) this.token = undefined;
    else if (!isTemporary(status) && code !== 'gateway.idempotency_in_flight') throw new ProblemError(status, code, detail);
  }

  private async signIn(): Promise<string> {
    const wallet = this.wallet;
    if (wallet === null) throw new Error('nobody is signed in');
    const anonymous = new NodeClient(this.baseUrl, this.nodeId);
    for (let attempt = 1; ; attempt += 1) {
      const { challenge } = await anonymous.post('/v1/challenges', { did: wallet.did }, null, identity.openChallenge);
      const signature = wallet.sign('sep/login/v1', { challenge, did: wallet.did, node_id: this.nodeId });
      try {
        return (await anonymous.post('/v1/sessions', { did: wallet.did, challenge, signature }, null, identity.openSession)).token;
      } catch (error) {
        // A challenge is used up by the first answer, even by one that was lost on the way.
        if (attempt === 5 || !(error instanceof ProblemError) || !error.code.startsWith('identity.challenge')) throw error;
      }
    }
  }
}

/** The contracts by which answers are checked, by context. */
export const contracts = { agreement, clearing, exchange, federation, identity, matching, trust };
