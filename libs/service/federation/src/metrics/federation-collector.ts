import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics, type Show } from '@kula/platform-runtime';
import { DataSource } from 'typeorm';
import { OwnNode } from '../own-node.js';
import { PeerDirectory } from '../peers/peer-directory.js';
import { IssuerConditions, type IssuerCondition } from '../status/issuer-condition.query.js';
import { LinkConditions, type Lag, type LinkCondition } from '../status/link-condition.query.js';
import { LogConditions, type LogCondition } from '../status/log-condition.query.js';
import * as metric from './federation.metrics.js';

/** Whoever scrapes, how many there are and how often: the database is asked once in so long. */
const FRESH_MS = 5_000;

interface CountRow { refusals: { peer: string; code: string; count: number }[] | null; parked: { code: string; count: number }[] | null; bytes: string }

/** Measures how the federation does, from what the database and the streams say when somebody asks. */
@Injectable()
export class FederationCollector implements OnModuleInit {
  constructor(
    private readonly own: OwnNode, private readonly peers: PeerDirectory, private readonly metrics: Metrics, private readonly dataSource: DataSource,
    private readonly log: LogConditions, private readonly issuers: IssuerConditions, private readonly links: LinkConditions,
  ) {}

  onModuleInit(): void {
    this.metrics.collect({ name: 'federation', of: metric.STATE_METRICS, freshMs: FRESH_MS, read: (show) => this.read(show) });
  }

  private async read(show: Show): Promise<void> {
    const [condition, held, linked, counts] = await Promise.all([this.log.read(), this.issuers.read(), this.links.read(), this.counts()]);
    showLog(show, condition);
    const shown = new Set(linked.filter(({ link, isAgreed }) => isAgreed || link !== null).map(({ nodeId }) => nodeId));
    for (const each of linked) if (shown.has(each.nodeId)) showLink(show, each);
    for (const each of held) if (this.isAdmitted(each.issuer)) showIssuer(show, each);
    for (const { peer, code, count } of counts.refusals ?? []) if (shown.has(peer)) show(metric.REFUSED_ARRIVALS, { peer, code }, count);
    for (const { code, count } of counts.parked ?? []) show(metric.ISSUERS_PARKED, { code }, count);
    show(metric.TABLE_BYTES, {}, Number(counts.bytes));
  }

  private isAdmitted(issuer: string): boolean {
    return issuer === this.own.nodeId || this.peers.standingOf(issuer) === 'admitted';
  }

  private async counts(): Promise<CountRow> {
    const [row] = await this.dataSource.query<CountRow[]>(`
      SELECT (SELECT json_agg(refusal_count) FROM refusal_count) AS refusals,
        (SELECT json_agg(by_code) FROM (SELECT code, count(*) AS count FROM parked_issuer GROUP BY code) AS by_code) AS parked,
        pg_database_size(current_database()) AS bytes`);
    return row ?? { refusals: null, parked: null, bytes: '0' };
  }
}

function showLog(show: Show, { fault, sealing, drafts, setAside, unpublished, notHandedOver }: LogCondition): void {
  show(metric.LOG_FAULT, {}, fault === null ? 0 : 1);
  show(metric.SEALING_HELD, {}, sealing.isAllowed ? 0 : 1);
  show(metric.DRAFTS_UNSEALED, {}, drafts.unsealed);
  show(metric.DRAFTS_AGE, {}, drafts.oldestSeconds);
  show(metric.DRAFTS_SET_ASIDE, {}, setAside);
  show(metric.ENTRIES_UNPUBLISHED, {}, unpublished);
  show(metric.ENTRIES_NOT_HANDED, {}, notHandedOver);
}

type OfPeer = Parameters<Show>[0] & typeof metric.BEHIND_ENTRIES;

function showLag(show: Show, peer: string, { entries, seconds }: Lag, [count, age]: readonly [OfPeer, OfPeer]): void {
  if (entries !== null) show(count, { peer }, entries);
  if (seconds !== null) show(age, { peer }, seconds);
}

function showLink(show: Show, { nodeId: peer, link, behind, undelivered, heardSeconds }: LinkCondition): void {
  showLag(show, peer, behind, [metric.BEHIND_ENTRIES, metric.BEHIND_AGE]);
  showLag(show, peer, undelivered, [metric.UNDELIVERED_ENTRIES, metric.UNDELIVERED_AGE]);
  if (heardSeconds !== null) show(metric.PEER_HEARD, { peer }, heardSeconds);
  if (link === null) return;
  for (const state of metric.LINK_STATES) show(metric.LINK_STATE, { peer, state }, link.state === state ? 1 : 0);
  show(metric.LINK_FAILURES, { peer }, link.attempts);
  show(metric.LINK_RECONNECTS, { peer }, link.reconnects);
  show(metric.RECEIVED_ENTRIES, { peer }, link.received);
  show(metric.RECEIVED_BYTES, { peer }, link.receivedBytes);
}

function showIssuer(show: Show, { issuer, seq, agreedUpTo, last, entries, bytes }: IssuerCondition): void {
  show(metric.ISSUER_HEAD, { issuer }, seq);
  show(metric.ISSUER_ENTRIES, { issuer }, entries);
  show(metric.ISSUER_BYTES, { issuer }, bytes);
  show(metric.ISSUER_FROZEN, { issuer }, agreedUpTo === null ? 0 : 1);
  if (last === null) return;
  show(metric.ISSUER_LAST_SEALED, { issuer }, last.sealedAt.getTime() / 1_000);
  show(metric.ISSUER_SKEW, { issuer }, (last.sealedAt.getTime() - last.storedAt.getTime()) / 1_000);
}
