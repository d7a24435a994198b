import { Injectable, Logger } from '@nestjs/common';
import { equivocationProven, type EntryDraft } from '@kula/contracts';
import { canonicalBytes, hashDocument, type Json } from '@kula/kernel-crypto';
import { Outbox, UnitOfWork } from '@kula/platform-persistence';
import { Chance, RepeatingTask } from '@kula/platform-runtime';
import type { Duty } from '../activity/duty.js';
import { OwnNode } from '../own-node.js';
import { EquivocationRepository, type KeptEquivocation } from './equivocation.repository.js';

const LOOK_MS = 500;
const PROOFS_MAX = 50;
/** An entry with more in it is left to those who are asked for the proof. */
const ENTRY_BYTES_MAX = 60_000;
/** Members around the body, header and signature of an entry. */
const AROUND_BYTES = 1_200;

/** Tells every peer what this node itself has found: a draft like those of the services, in the transaction that notes it. */
@Injectable()
export class TellProofs implements Duty {
  private readonly logger = new Logger(TellProofs.name);
  private task: RepeatingTask | undefined;

  constructor(
    private readonly own: OwnNode, private readonly equivocations: EquivocationRepository, private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork, private readonly chance: Chance,
  ) {}

  start(): void {
    this.task = new RepeatingTask('telling proofs', () => this.work(), { pauseMs: LOOK_MS, logger: this.logger });
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task?.stop();
  }

  private async work(): Promise<boolean> {
    const untold = await this.equivocations.untold(this.own.nodeId, PROOFS_MAX);
    for (const each of untold) await this.tell(each);
    return untold.length === PROOFS_MAX;
  }

  private async tell({ issuer, at, proof }: KeptEquivocation): Promise<void> {
    const document = proof as unknown as Json;
    const body = { accused: issuer, at, proof_hash: hashDocument(document) };
    const draft: EntryDraft = {
      id: this.chance.uuid(), topic: equivocationProven.topic, type: equivocationProven.type, subject: issuer,
      body: equivocationProven.body.parse({ ...body, proof: fits({ ...body, proof: document }) ? proof : null }),
    };
    await this.unitOfWork.run(async (tx) => {
      if (await this.equivocations.markTold(issuer, at, tx)) await this.outbox.addMessage({ id: draft.id, subject: `fedout.${draft.topic}`, payload: draft }, tx);
    });
  }
}

/** True where the entry with that body stays below the bound; base64url writes three bytes as four characters. */
const fits = (body: Json): boolean => Math.ceil(((canonicalBytes(body).length + AROUND_BYTES) * 4) / 3) <= ENTRY_BYTES_MAX;
