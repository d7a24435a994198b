import { Logger } from '@nestjs/common';
import type { Clock } from '@kula/platform-runtime';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { isFromServer, isProven, requestIn, type AdmissionRequest } from './admission-request.js';
import { AttemptBudget, type Rate } from './attempt-budget.js';
import { signToken, tokenIssuer, type TokenIssuer } from './nats-token.js';
import { PeerConnections } from './peer-connections.js';
import { peerGrant } from './peer-grant.js';

/** Where nats-server asks about a connection it knows no user for. It lets nobody else publish there. */
const QUESTIONS = '$SYS.REQ.USER.AUTH';
/** Longest life of an admission: whoever is a peer no longer has fallen out by then, whatever else fails. */
const LIFETIME_SECONDS_MAX = 900;
/** Admissions of one moment run out over this many seconds, so that peers do not all come back at once. */
const SPREAD_SECONDS = 180;
const BUDGET = { perHost: { perSecond: 5, atOnce: 40 }, all: { perSecond: 100, atOnce: 400 } };
/** Refusals that are told to the log; strangers choose how many there are. */
const TOLD: Rate = { perSecond: 0.1, atOnce: 10 };

/** Which peer a key belongs to, or why it is not let in: words for the log of this node, which the client does not get. */
export type AdmissionVerdict = { readonly nodeId: string } | { readonly refused: string };

/**
 * Decides about one attempt to connect. Called before the signature is checked, so that strangers cost a look-up: what it
 * answers counts only where the client turns out to hold the key. Quick and without side effects.
 */
export type DecideAdmission = (publicNkey: string, isTls: boolean, host: string) => AdmissionVerdict;

export interface PeerAdmissionOptions {
  /** Connection of the federation service to the account that holds the log. */
  readonly connection: NatsConnection;
  /** Address of the same server, without a user: dialled once more as its system user. */
  readonly natsUrl: string;
  /** Seed (SA…) of the account NKey that `natsConfig` was given as `admissionIssuerPublicNkey`. */
  readonly issuerSeed: string;
  /** Seed (SU…) of the user NKey that `natsConfig` was given as `systemUserPublicNkey`. */
  readonly systemNkeySeed: string;
  readonly decide: DecideAdmission;
  readonly clock: Clock;
  /** Attempts that are looked at: of one address, and of all together. */
  readonly budget?: { readonly perHost: Rate; readonly all: Rate };
}

/**
 * Lets peers into the nats-server and throws them out while it runs, without touching its configuration (NATS auth callout).
 *
 * The server asks about each connection that is none of its own users. A client that proves an NKey which `decide` knows is
 * placed in the account PEERS with the rights of that peer, for 12 to 15 minutes: then it is asked about again. Attempts over
 * budget are refused unseen. They are answered all the same: the server holds a connection, and its own end, until it hears.
 */
export class PeerAdmission {
  private readonly logger = new Logger(PeerAdmission.name);
  private readonly issuer: TokenIssuer;
  private readonly budget: AttemptBudget;
  private readonly told = new AttemptBudget({ perHost: TOLD, all: TOLD });
  private readonly connections = new PeerConnections(this.logger);
  private subscription: Subscription | undefined;

  /** @throws Error where a seed is none. */
  constructor(private readonly options: PeerAdmissionOptions) {
    this.issuer = tokenIssuer(options.issuerSeed);
    this.budget = new AttemptBudget(options.budget ?? BUDGET);
  }

  /** Begins to answer. @throws where the server refuses the system user. */
  async start(): Promise<void> {
    // Replicas share the work. Answering comes first: the server would ask about a system user it does not know, and wait.
    this.subscription = this.options.connection.subscribe(QUESTIONS, { queue: 'federation', callback: (_error, message) => this.answer(message) });
    await this.connections.open(this.options.natsUrl, this.options.systemNkeySeed);
  }

  /** Ends what `start` began. Peers that are connected stay until their admission runs out. Safe to call twice. */
  async stop(): Promise<void> {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    await this.connections.close();
  }

  /**
   * Ends the connections of a peer at once, and answers how many there were. Call it after `decide` has begun to refuse the
   * peer, which would otherwise be back in a moment. Never throws: what cannot be ended now ends with its admission.
   */
  async dropPeer(nodeId: string): Promise<number> {
    return this.connections.drop(nodeId);
  }

  private answer(message: Msg): void {
    try {
      const answer = this.answerTo(message.string());
      if (answer !== undefined) message.respond(answer);
    } catch (error) {
      this.logger.error(`an attempt to connect is not answered: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Undefined: no answer, which the server takes for a refusal when its patience ends. */
  private answerTo(token: string): string | undefined {
    const request = requestIn(token);
    if (request === undefined) return this.unanswered('it is not of the form nats-server uses');
    if (!this.budget.take(request.host, this.nowMs())) return this.answerOf(request, { refused: 'there are too many attempts' });
    if (!isFromServer(token, request)) return this.unanswered('the server it names did not sign it');
    return this.answerOf(request, this.verdictOn(request));
  }

  private verdictOn({ proof, isPlainClient, isTls, host }: AdmissionRequest): AdmissionVerdict {
    if (!isPlainClient || proof === undefined) return { refused: 'it shows no NKey' };
    const verdict = this.options.decide(proof.publicNkey, isTls, host);
    return 'refused' in verdict || isProven(proof) ? verdict : { refused: `it does not hold the key of ${verdict.nodeId} that it shows` };
  }

  private answerOf(request: AdmissionRequest, verdict: AdmissionVerdict): string {
    const addressed = { sub: request.connectionNkey, aud: request.server };
    const kind = { type: 'authorization_response', version: 2 };
    if ('refused' in verdict) {
      this.tell(`a connection from ${request.host} is refused: ${verdict.refused}`);
      return signToken(this.issuer, { ...addressed, nats: { ...kind, error: verdict.refused } }, this.nowMs());
    }
    const jwt = this.userToken(request, verdict.nodeId);
    this.connections.note(verdict.nodeId, { server: request.server, id: request.connectionId });
    return signToken(this.issuer, { ...addressed, nats: { ...kind, jwt } }, this.nowMs());
  }

  /** The name of the user is the peer's: by it the server lists its connections. */
  private userToken({ connectionNkey, connectionId }: AdmissionRequest, nodeId: string): string {
    const exp = Math.floor(this.nowMs() / 1_000) + LIFETIME_SECONDS_MAX - (connectionId % SPREAD_SECONDS);
    const nats = { ...peerGrant(nodeId), type: 'user', version: 2 };
    return signToken(this.issuer, { sub: connectionNkey, aud: 'PEERS', name: nodeId, exp, nats }, this.nowMs());
  }

  private unanswered(reason: string): undefined {
    this.tell(`a question about a connection is passed over: ${reason}`);
    return undefined;
  }

  private tell(line: string): void {
    if (this.told.take('', this.nowMs())) this.logger.warn(line);
  }

  private nowMs(): number {
    return this.options.clock.now().getTime();
  }
}
