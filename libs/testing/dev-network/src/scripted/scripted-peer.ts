import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { HeadsStatement, OpenRequest, RangeRequest } from '@kula/contracts';
import { signDocument, type Json } from '@kula/kernel-crypto';
import { subjectOf } from '@kula/kernel-federation-log';
import { nodeEd25519 } from '@kula/platform-runtime';
import { startNats, type NatsServer } from '@kula/testing-servers';
import type { ScriptedLog } from './scripted-log.js';

/** Something a peer puts into its stream: whatever bytes, under whatever subject. */
export interface Delivered {
  readonly jws: string;
  readonly topic: string;
  readonly issuer: string;
}

/** What a scripted peer answers to questions. Undefined: it is silent. */
export interface Script {
  /** Entries of a range. */
  range(request: RangeRequest, caller: string): readonly string[] | undefined;
  /** What it says it holds: issuer to number and hash. */
  heads(caller: string): HeadsStatement['heads'] | undefined;
}

const IDLE_NS = 120e9;
const IN_FLIGHT = 500;

/** A peer written by a test: it has a nats-server and a stream of its own, and says in them what it likes. */
export class ScriptedPeer {
  private epoch = '';

  private constructor(
    readonly log: ScriptedLog, private readonly server: NatsServer, private readonly connection: NatsConnection, private readonly manager: JetStreamManager,
    private readonly client: JetStreamClient, private readonly script: Script,
  ) {}

  /** @param log whose key it signs its answers with; what it delivers is said by `deliver` alone. */
  static async start(storeDir: string, log: ScriptedLog, script: Script): Promise<ScriptedPeer> {
    const server = await startNats({ storeDir, config: 'jetstream {}\n' });
    const connection = await connect({ servers: server.url });
    const peer = new ScriptedPeer(log, server, connection, await jetstreamManager(connection), jetstream(connection), script);
    await peer.begin();
    return peer;
  }

  /** As it stands in the peers file of a node that dials it. */
  listed(view: 'own' | 'all', publicNkey?: string) {
    return { nodeId: this.log.nodeId, name: this.log.name, natsUrl: this.server.url, apiPrefix: '$JS.API', view, ...(publicNkey !== undefined && { publicNkey }) };
  }

  /** Puts messages into the stream, in this order. */
  async deliver(messages: readonly Delivered[]): Promise<void> {
    for (let from = 0; from < messages.length; from += IN_FLIGHT) {
      await Promise.all(messages.slice(from, from + IN_FLIGHT).map(({ jws, topic, issuer }) => this.client.publish(subjectOf(topic, issuer), jws)));
    }
  }

  /** Forgets the stream and begins another one, as after a loss. */
  async forget(): Promise<void> {
    await this.manager.streams.delete('FEDLOG');
    await this.makeStream();
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }

  private async begin(): Promise<void> {
    await this.makeStream();
    this.serve('open', async (request, caller) => this.open(request as OpenRequest, caller));
    this.serve('range', async (request, caller) => {
      const entries = this.script.range(request as RangeRequest, caller);
      return entries && { entries };
    });
    this.serve('heads', async (_request, caller) => this.statement(this.script.heads(caller)));
    this.serve('proof', async () => ({ proof: null }));
    this.serve('snapshot', async () => ({ refused: 'federation.checkpoint_unknown', detail: 'there is none' }));
    this.serve('ask', async () => ({ refused: 'federation.question_refused', detail: 'nothing is answered' }));
    await this.connection.flush();
  }

  private async makeStream(): Promise<void> {
    const { created } = await this.manager.streams.add({ name: 'FEDLOG', subjects: ['federation.*.*'] });
    this.epoch = String(created);
  }

  private serve(verb: string, answer: (request: unknown, caller: string) => Promise<object | undefined>): void {
    this.connection.subscribe(`fedapi.${verb}.*`, { callback: (_error, message) => void this.respond(message, answer) });
  }

  private async respond(message: Msg, answer: (request: unknown, caller: string) => Promise<object | undefined>): Promise<void> {
    const said = await answer(message.json(), message.subject.split('.')[2] ?? '');
    if (said !== undefined && !this.connection.isClosed()) message.respond(JSON.stringify(said));
  }

  private async open({ from, epoch, view }: OpenRequest, caller: string): Promise<object> {
    const consumer = `p_${caller}`;
    await this.manager.consumers.delete('FEDLOG', consumer).catch(() => false);
    const start = epoch === this.epoch ? from : 1;
    await this.manager.consumers.add('FEDLOG', {
      name: consumer, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start, mem_storage: true, inactive_threshold: IDLE_NS,
      filter_subject: view === 'all' ? 'federation.*.*' : `federation.*.${this.log.nodeId}`,
    });
    return { stream: 'FEDLOG', consumer, epoch: this.epoch, from: start, head: null };
  }

  private statement(heads: HeadsStatement['heads'] | undefined): object | undefined {
    if (heads === undefined) return undefined;
    const statement = { node_id: this.log.nodeId, made_at: new Date().toISOString(), heads, next: null };
    return { statement, signature: signDocument(nodeEd25519, this.log.key, 'sep/head-vector/v1', statement as unknown as Json) };
  }
}
