import { Injectable } from '@nestjs/common';
import { federation, type identity } from '@kula/contracts';
import { OperationClient } from '@kula/platform-messaging';
import { Chance, Clock } from '@kula/platform-runtime';
import type { z } from 'zod';

type NodeRecord = z.output<typeof identity.nodeRecord>;

/** What the federation service says about a node: nulls where it says nothing. */
export type LinkReport = Pick<NodeRecord, 'link' | 'behind'>;

type Reports = ReadonlyMap<string, LinkReport>;

/** How long the registry waits for the federation service. It answers without its words then. */
const ANSWER_MS_MAX = 400;
/** Many who ask at once are answered by one question. */
const FRESH_MS = 1_000;
/** After a silence: a service that is away is not asked by every reader. */
const SILENT_MS = 5_000;
/** Pages of peers that are read: 200 each. Nodes beyond have no `behind`. */
const PAGES_MAX = 5;

const NOTHING: LinkReport = { link: null, behind: null };

/** How the links do, as the federation service says when it is asked. Nothing is asked unless somebody reads the registry. */
@Injectable()
export class LinkReports {
  private said: Promise<Reports> | undefined;
  private staleAtMs = 0;
  /** Until then peers are not asked for, because nobody answered. Their words are a supplement: the links are asked for meanwhile. */
  private peersSilentUntilMs = 0;

  constructor(private readonly operations: OperationClient, private readonly clock: Clock, private readonly chance: Chance) {}

  /** The reports by node. A node without one has no link, or nobody answers: `reportOf` gives nulls. Never throws. */
  async read(): Promise<(nodeId: string) => LinkReport> {
    const reports = await this.latest();
    return (nodeId) => reports.get(nodeId) ?? NOTHING;
  }

  private latest(): Promise<Reports> {
    const nowMs = this.clock.now().getTime();
    if (this.said === undefined || nowMs >= this.staleAtMs) {
      this.staleAtMs = nowMs + FRESH_MS;
      this.said = this.ask();
    }
    return this.said;
  }

  private async ask(): Promise<Reports> {
    const arePeersSilent = this.clock.now().getTime() < this.peersSilentUntilMs;
    const [status, behind] = await Promise.all([inTime(this.links()), arePeersSilent ? undefined : inTime(this.behind())]);
    const silentUntilMs = this.clock.now().getTime() + SILENT_MS;
    if (status === undefined) this.staleAtMs = silentUntilMs;
    if (behind === undefined && !arePeersSilent) this.peersSilentUntilMs = silentUntilMs;
    const nodes = new Set([...(status?.keys() ?? []), ...(behind?.keys() ?? [])]);
    return new Map([...nodes].map((nodeId) => [nodeId, { link: status?.get(nodeId) ?? null, behind: behind?.get(nodeId) ?? null }]));
  }

  private async links(): Promise<Map<string, NodeRecord['link']>> {
    const { links } = await this.operations.request(federation.getFederationStatus, {}, this.meta());
    return new Map(links.map(({ peer, state, lastEntryAt, lastError }) => [peer, { state, lastEntryAt, lastError }]));
  }

  private async behind(): Promise<Map<string, NodeRecord['behind']>> {
    const found = new Map<string, NodeRecord['behind']>();
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, nextCursor }: z.output<typeof federation.listPeers.output> =
        await this.operations.request(federation.listPeers, { limit: 200, ...(cursor !== null && { cursor }) }, this.meta());
      for (const { nodeId, behind } of items) found.set(nodeId, behind);
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    return found;
  }

  private meta() {
    return { caller: null, correlationId: this.chance.uuid() };
  }
}

/** The answer, or undefined where it fails or comes late. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => { timer = setTimeout(() => resolve(undefined), ANSWER_MS_MAX); });
  try {
    return await Promise.race([answer.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
