import { Injectable } from '@nestjs/common';
import { federation, type identity } from '@kula/contracts';
import { OperationClient } from '@kula/platform-messaging';
import { Chance, Clock } from '@kula/platform-runtime';
import type { z } from 'zod';

type NodeRecord = z.output<typeof identity.nodeRecord>;
type Status = z.output<typeof federation.federationStatus>;

/** What the federation service says about a node: nulls where it says nothing. */
export type LogReport = Pick<NodeRecord, 'lastEntry' | 'link' | 'behind'>;

type Reports = ReadonlyMap<string, LogReport>;

/** How long the registry waits for the federation service. It answers without its words then. */
const ANSWER_MS_MAX = 400;
/** Many who ask at once are answered by one question. */
const FRESH_MS = 1_000;
/** After a silence: a service that is away is not asked by every reader. */
const SILENT_MS = 5_000;

const NOTHING: LogReport = { lastEntry: null, link: null, behind: null };

/** How the logs of nodes and the links to them do, as the federation service says when it is asked. Nothing is asked unless somebody reads the registry. */
@Injectable()
export class LogReports {
  private said: Promise<Reports> | undefined;
  private staleAtMs = 0;

  constructor(private readonly operations: OperationClient, private readonly clock: Clock, private readonly chance: Chance) {}

  /** The reports by node. Of a node without one nothing is known, or nobody answers: nulls. Never throws. */
  async read(): Promise<(nodeId: string) => LogReport> {
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
    const status = await inTime(this.operations.request(federation.getFederationStatus, {}, { caller: null, correlationId: this.chance.uuid() }));
    if (status !== undefined) return reportsIn(status);
    this.staleAtMs = this.clock.now().getTime() + SILENT_MS;
    return new Map();
  }
}

function reportsIn({ heads, links }: Status): Reports {
  const reports = new Map<string, LogReport>();
  for (const { issuer, seq, lastSealedAt, lastStoredAt } of heads) {
    if (lastSealedAt !== undefined && lastStoredAt !== undefined) reports.set(issuer, { ...NOTHING, lastEntry: { seq, sealedAt: lastSealedAt, receivedAt: lastStoredAt } });
  }
  for (const { peer, state, lastEntryAt, lastError, behind = null } of links) {
    reports.set(peer, { ...(reports.get(peer) ?? NOTHING), link: { state, lastEntryAt, lastError }, behind });
  }
  return reports;
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
