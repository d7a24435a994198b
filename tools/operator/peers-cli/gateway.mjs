/** The gateway of a node, as its operator asks it. */
import { randomUUID } from 'node:crypto';
import { SetupError } from '../../bootstrap/progress.mjs';
import { operatorToken } from './session.mjs';

const ANSWER_MS_MAX = 30_000;

/** What a problem document says to a person. */
function wordsOf(status, problem) {
  if (typeof problem?.code !== 'string') return `The gateway answers with status ${status}, which is no answer of a node.`;
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer || '/'}: ${detail}`).join('');
  return `${problem.title}: ${problem.detail ?? ''}${fields}\n(${problem.code}; the log of the node knows it as ${problem.correlationId})`;
}

export class Gateway {
  constructor({ gateway, token, keyFile }) {
    this.url = gateway;
    this.signIn = { token, keyFile };
  }

  /** @throws SetupError with the words of the node where it refuses. */
  get(path, query = {}) {
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
    return this.ask('GET', asked.size === 0 ? path : `${path}?${asked}`);
  }

  post(path, body) { return this.ask('POST', path, body); }

  /** Every item of a list, page by page. */
  async all(path, query = {}) {
    const items = [];
    for (let cursor; ;) {
      const page = await this.get(path, { ...query, limit: 200, cursor });
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      cursor = page.nextCursor;
    }
  }

  async ask(method, path, body) {
    this.token ??= await operatorToken(this);
    const { status, answer } = await this.send(method, path, body);
    if (status >= 400) throw new SetupError(wordsOf(status, answer));
    return answer;
  }

  /** One request. A repeated one is known by its key: this one is not repeated. */
  async send(method, path, body) {
    const headers = {
      accept: 'application/json', ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    };
    try {
      const response = await fetch(`${this.url}${path}`, { method, headers, body: body && JSON.stringify(body), redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      return { status: response.status, answer: await response.json().catch(() => undefined) };
    } catch (error) {
      throw new SetupError(`The gateway at ${this.url} cannot be reached: ${error.cause?.message ?? error.message}`);
    }
  }
}
