import { Injectable, Logger } from '@nestjs/common';
import { MalformedMessageError } from '@kula/platform-messaging';
import type { Transaction } from '@kula/platform-persistence';
import { TokenBucket } from '../../serving/domain/token-bucket.js';
import { afterWord, isAgreed, type PeerRecord, type PeerWord } from '../domain/peer.js';
import { PeerBlockedError, StatementTooOldError, TooManyStatementsError } from '../domain/peer.errors.js';
import { PeerDesk } from '../peer-desk.js';
import { PeerDirectory } from '../peer-directory.js';
import { PeerRepository } from '../peer.repository.js';
import { newLinkSeed, publicNkeyOf } from './link-keys.js';
import { LinkStatements, type SignedStatement } from './link-statements.js';
import type { LinkReply } from './gateway-client.js';

/** Statements of nodes that are no peers, together; and of each peer. Each instance counts for itself. */
const STRANGERS = { perSecond: 1, atOnce: 30 };
const PEER = { perSecond: 0.2, atOnce: 10 };

/** Takes what other nodes say about links: requests, agreements, refusals. Nothing is dialled because of it. */
@Injectable()
export class ReceiveStatement {
  private readonly logger = new Logger(ReceiveStatement.name);
  private readonly strangers: TokenBucket;
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly statements: LinkStatements, private readonly desk: PeerDesk, private readonly directory: PeerDirectory, private readonly peers: PeerRepository,
  ) {
    this.strangers = new TokenBucket(STRANGERS, this.desk.now().getTime());
  }

  /** @throws as `LinkStatements.check`, then StatementTooOldError for one that was overtaken, PeerBlockedError, TooManyStatementsError. */
  async handle(signed: SignedStatement): Promise<LinkReply> {
    const word = await this.statements.check(signed);
    if (this.directory.standingOf(word.nodeId) === 'blocked') throw new PeerBlockedError();
    if (this.bucketOf(word.nodeId).take(this.desk.now().getTime()) !== 'given') throw new TooManyStatementsError();
    const peer = await this.desk.change(word.nodeId, (before, tx) => this.after(before, word, tx));
    if (peer?.state === 'asking') this.logger.log(`${word.name} (${word.nodeId}) asks for a link; an operator decides`);
    return this.replyTo(word.nodeId, peer);
  }

  private async after(before: PeerRecord | undefined, word: PeerWord, tx: Transaction): Promise<PeerRecord | undefined> {
    if (before?.state === 'blocked') throw new PeerBlockedError();
    if (word.madeAt < (before?.statedAt ?? word.madeAt)) throw new StatementTooOldError('a later statement of the node has arrived before');
    const holder = await this.peers.holderOf(word.nkey, tx);
    if (holder !== undefined && holder !== word.nodeId) throw new MalformedMessageError([{ pointer: '/statement/nkey', detail: 'is the key of another peer of this node' }]);
    return afterWord(before, word, { at: this.desk.now(), isFetched: false });
  }

  /** What the other node is told. Its operator learns no more than that ours decides: a suspension is nobody else's business. */
  private async replyTo(nodeId: string, peer: PeerRecord | undefined): Promise<LinkReply> {
    if (peer === undefined || peer.state === 'declined') return { state: 'declined', answer: await this.statements.make(nodeId, 'declines', this.nkeyFor(peer)) };
    if (!isAgreed(peer.state)) return { state: 'asking', answer: null };
    return { state: 'agreed', answer: peer.linkNkeySeed === null ? null : await this.statements.make(nodeId, 'agrees', this.nkeyFor(peer)) };
  }

  private nkeyFor(peer: PeerRecord | undefined): string {
    return publicNkeyOf(peer?.linkNkeySeed ?? newLinkSeed());
  }

  private bucketOf(nodeId: string): TokenBucket {
    const state = this.directory.stateOf(nodeId);
    if (state === undefined || state === 'asking') return this.strangers;
    const bucket = this.buckets.get(nodeId) ?? new TokenBucket(PEER, this.desk.now().getTime());
    this.buckets.set(nodeId, bucket);
    return bucket;
  }
}
