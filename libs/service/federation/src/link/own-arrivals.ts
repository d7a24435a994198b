import { Injectable } from '@nestjs/common';
import { judgeArrivals, openEntry, readKid, type Head, type Judgement } from '@kula/kernel-federation-log';
import { UnitOfWork } from '@kula/platform-persistence';
import { nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { refusedArrival, type Acceptance, type Delivery } from './delivery.js';
import { LinkRepository } from './link.repository.js';
import { OwnLogWatch } from './own-log-watch.js';

const HELD = { code: 'federation.own_log', detail: 'nobody but this node adds to its log' };
const NOT_HELD = { code: 'federation.own_log', detail: 'this node has signed the entry and does not hold it' };

/**
 * Entries of this node's own log that come back through others. None is stored here.
 *
 * What is held is passed over in silence. What carries this node's signature and is not held means that the database is
 * older than what peers have seen, or that somebody else has the key: that is reported before anything more is signed.
 */
@Injectable()
export class OwnArrivals {
  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly watch: OwnLogWatch, private readonly links: LinkRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async handle(delivery: Delivery): Promise<Acceptance> {
    const { peer, arrivals, cursor } = delivery;
    const judgement = await this.judge(delivery);
    const forged = judgement.refused.filter(({ index }) => this.signed(arrivals[index]!.jws) === undefined);
    const missing = this.missingHead(delivery, judgement);
    if (missing !== undefined) await this.watch.suspect(peer, missing.head);
    const refused = [
      ...forged.map(({ index }) => refusedArrival(delivery, index, HELD)),
      ...(missing === undefined ? [] : [refusedArrival(delivery, missing.index, NOT_HELD)]),
    ];
    await this.unitOfWork.run((tx) => this.links.record({ peer, stored: 0, refused, ...(cursor !== undefined && { cursor }) }, tx));
    return { done: arrivals.length };
  }

  private async judge({ issuer, arrivals }: Delivery): Promise<Judgement> {
    const { head, schedule } = await this.log.issuerLog(issuer);
    const known = { net: this.own.network, issuer, head, schedule: schedule! };
    const judgement = judgeArrivals(nodeEd25519, arrivals, { ...known, hashes: new Map() });
    if (judgement.wanted.length === 0) return judgement;
    return judgeArrivals(nodeEd25519, arrivals, { ...known, hashes: await this.log.hashesAt(issuer, judgement.wanted) });
  }

  /** The last entry among the arrivals that carries this node's signature and is not held. */
  private missingHead({ arrivals }: Delivery, { accepted, stop, refused }: Judgement): { readonly head: Head; readonly index: number } | undefined {
    if (stop !== undefined) return { head: { seq: stop.entry.payload.seq, hash: stop.entry.hash }, index: stop.index };
    const unknown = refused.flatMap(({ index }) => { const head = this.signed(arrivals[index]!.jws); return head === undefined ? [] : [{ head, index }]; }).at(-1);
    if (unknown !== undefined) return unknown;
    const last = accepted.at(-1);
    return last && { head: { seq: last.payload.seq, hash: last.hash }, index: arrivals.findIndex(({ jws }) => jws === last.jws) };
  }

  /** The place of an entry signed with a key that this node was given: one that its log, being too short, does not name yet. */
  private signed(jws: string): Head | undefined {
    for (const publicKey of this.own.publicKeys) {
      const entry = openEntry(nodeEd25519, jws, (kid) => (readKid(kid)?.nodeId === this.own.nodeId ? publicKey : undefined), { net: this.own.network, iss: this.own.nodeId });
      if (!('refused' in entry)) return { seq: entry.payload.seq, hash: entry.hash };
    }
    return undefined;
  }
}
