import { Injectable, Logger } from '@nestjs/common';
import { sealBatch, type EntryDraft as KernelDraft, type SealedBatch } from '@kula/kernel-federation-log';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { Clock, nodeEd25519 } from '@kula/platform-runtime';
import { EntryLog, type NewEntry } from '../log/entry-log.js';
import { LogClosedError, LogGate } from '../log/log-gate.js';
import { StreamCursor, type StreamPlace } from '../log/stream-cursor.js';
import { OwnNode } from '../own-node.js';
import { KnownDrafts } from '../recovery/known-drafts.js';
import { prepareDraft } from './domain/prepare-draft.js';
import { readDraft, type DraftMessage, type DraftToSetAside, type ReceivedDraft } from './received-draft.js';

/** A draft ready to be given its place. */
interface PreparedDraft extends ReceivedDraft {
  readonly content: KernelDraft;
}

/** Name of the drafts' stream. */
export const DRAFTS_STREAM = 'FEDOUT';

/**
 * Gives drafts their place in this node's log: sequence number, link to the previous entry, signature.
 *
 * Entries, head and cursor commit together. A draft that was sealed before is passed over by its id; one that no peer would
 * accept is set aside with the reason and takes no sequence number.
 */
@Injectable()
export class SealDrafts {
  private readonly logger = new Logger(SealDrafts.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly gate: LogGate, private readonly cursor: StreamCursor,
    private readonly unitOfWork: UnitOfWork, private readonly clock: Clock, private readonly known: KnownDrafts,
  ) {}

  /** Seals a batch in the order of the stream and moves the cursor to `place`. @throws LogClosedError. */
  async handle(messages: readonly DraftMessage[], place: StreamPlace): Promise<void> {
    const { ready: candidates, aside } = this.sorted(await this.unsealed(messages));
    await this.log.storing(async () => {
      this.gate.assertSealing();
      const recovered = await this.known.match(candidates.map(({ draft: { id }, content }) => ({ id, content })));
      const ready = candidates.filter(({ draft }) => !recovered.has(draft.id));
      const { head, schedule } = await this.log.nodeLog(this.own.nodeId);
      if (!this.own.confirmKey(schedule)) throw new LogClosedError('the log has changed to another key');
      const batch = sealBatch(nodeEd25519, this.own.sealer, head, ready.map(({ content }) => content));
      const stored = await this.unitOfWork.run(async (tx) => {
        const appended = await this.log.append(this.own.nodeId, head, newEntries(batch, ready), tx);
        await this.known.claim(recovered, tx);
        await this.setAside([...aside, ...refusedOf(batch, ready)], tx);
        await this.cursor.move(DRAFTS_STREAM, place, tx);
        return appended;
      });
      this.log.remember(stored);
    });
  }

  /** Drafts and refusals among messages that were neither sealed nor set aside before. The second message of one id is passed over. */
  private async unsealed(messages: readonly DraftMessage[]): Promise<(ReceivedDraft | DraftToSetAside)[]> {
    const read = new Map<string, ReceivedDraft | DraftToSetAside>();
    for (const each of messages.map(readDraft)) {
      const id = 'draft' in each ? each.draft.id : each.id;
      if (!read.has(id)) read.set(id, each);
    }
    const drafts = [...read.values()].flatMap((each) => ('draft' in each ? [each.draft.id] : []));
    for (const id of await this.known.settled(drafts, [...read.keys()])) read.delete(id);
    return [...read.values()];
  }

  private sorted(read: readonly (ReceivedDraft | DraftToSetAside)[]): { ready: PreparedDraft[]; aside: DraftToSetAside[] } {
    const ready: PreparedDraft[] = [];
    const aside: DraftToSetAside[] = [];
    const ts = this.clock.now().getTime();
    for (const each of read) {
      if (!('draft' in each)) {
        aside.push(each);
        continue;
      }
      const content = prepareDraft(nodeEd25519, this.own.sealer.privateKey, each.draft, ts);
      if ('refused' in content) aside.push({ message: each.message, id: each.draft.id, code: content.refused, detail: content.detail });
      else ready.push({ ...each, content });
    }
    return { ready, aside };
  }

  private async setAside(drafts: readonly DraftToSetAside[], tx: Transaction): Promise<void> {
    for (const { message, id, code, detail } of drafts) {
      this.logger.error(`draft ${id} on ${message.subject} is set aside: ${code}: ${detail}`);
      await tx.query(
        'INSERT INTO set_aside_draft (message_id, stream_subject, code, detail, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
        [id, message.subject, code, detail, Buffer.from(message.payload)],
      );
    }
  }
}

function newEntries(batch: SealedBatch, ready: readonly PreparedDraft[]): NewEntry[] {
  return batch.entries.map(({ seq, hash, jws, draft }) => {
    const { content, draft: { id } } = ready[draft]!;
    return { seq, hash, jws, topic: content.topic, type: content.type, subject: content.sub, ts: content.ts, exp: content.exp ?? null, draftId: id };
  });
}

const refusedOf = (batch: SealedBatch, ready: readonly PreparedDraft[]): DraftToSetAside[] =>
  batch.refused.map(({ refused, detail, draft }) => ({ message: ready[draft]!.message, id: ready[draft]!.draft.id, code: refused, detail }));
