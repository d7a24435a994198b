import { checkpointDraft, openEntry, recoveryBody, rotationBody, sealBatch, lookupIn, type EntryDraft } from '@kula/kernel-federation-log';
import { invariant } from '@kula/kernel-primitives';
import { SIGNING_KEYS, type NodeKeys } from '../signatures.js';
import type { World } from '../world.js';
import type { Draft } from './disks.js';
import { heldEntry, inOrder } from './held-log.js';
import { NET, type Keeper } from './keeper.js';

const BATCH = 20;

/** Writes the log of a node, for as long as the node may sign. */
export class Sealing {
  /** Key the operator wants to sign with: rises when keys are changed. */
  private keyNo = 1;
  /** True where the operator has lost the key before and changes by the recovery key. */
  private isByRecovery = false;

  constructor(private readonly keeper: Keeper, private readonly keys: NodeKeys, private readonly world: World) {}

  /** Seals what members have asked for, after a change of keys that is due. */
  sealDrafts(): void {
    this.changeKeyWhereDue();
    const { database } = this.keeper.disks;
    this.seal(database.drafts.splice(0, BATCH).map((draft) => this.contentOf(draft)));
  }

  checkpoint(): void {
    const draft = checkpointDraft(this.keeper.id, inOrder(this.keeper.own), { ts: this.world.scheduler.now });
    if (draft === undefined) return;
    this.seal([draft]);
    this.world.diary.note('checkpoint written', () => `${this.keys.name} writes checkpoint ${this.keeper.own.head?.seq ?? 0}`);
  }

  /** The operator brings a new key. */
  demandKey(isByRecovery: boolean): void {
    this.keyNo = Math.min(SIGNING_KEYS, this.keyNo + 1);
    this.isByRecovery = isByRecovery;
  }

  private contentOf({ id, topic, type, sub, exp, proof, recovery }: Draft): EntryDraft {
    const body = { draft: id, ...(proof !== undefined && { proof: JSON.parse(proof) as never }), ...(recovery !== undefined && { recovery_key_hash: recovery }) };
    return { topic, type, sub, ts: this.world.scheduler.now, ...(exp !== undefined && { exp }), body };
  }

  private changeKeyWhereDue(): void {
    const { schedule, head } = this.keeper.own;
    const current = schedule.keys.length;
    if (current >= this.keyNo || head === undefined) return;
    const { ed25519, scheduler, diary } = this.world;
    const [state, next] = [{ schedule, head }, { privateKey: this.keys.signing[current]!, recoveryKeyHash: schedule.recoveryKeyHash }];
    const place = { topic: 'announce', sub: this.keeper.id, ts: scheduler.now };
    if (this.isByRecovery) this.seal([{ ...place, type: 'key.recovered', body: recoveryBody(ed25519, state, next, this.keys.recovery) }], current + 1);
    else this.seal([{ ...place, type: 'key.rotated', body: rotationBody(ed25519, state, next) }]);
    diary.note(this.isByRecovery ? 'key recovered' : 'key rotated', () => `${this.keys.name} changes to key ${current + 1} in entry ${head.seq + 1}`);
    this.isByRecovery = false;
  }

  private seal(drafts: readonly EntryDraft[], keyNo = this.keeper.own.schedule.keys.length): void {
    if (drafts.length === 0) return;
    const { ed25519, witness } = this.world;
    const { head, schedule } = this.keeper.own;
    const sealer = { kid: `${this.keeper.id}#${keyNo}`, privateKey: this.keys.signing[keyNo - 1]!, net: NET };
    const publicKey = this.keys.public[keyNo - 1]!;
    const keyOf = (kid: string) => (kid === sealer.kid ? publicKey : lookupIn(schedule)(kid));
    for (const { jws } of sealBatch(ed25519, sealer, head, drafts).entries) {
      const opened = openEntry(ed25519, jws, keyOf, { net: NET, iss: this.keeper.id });
      invariant(!('refused' in opened), 'an honest node can open what it has sealed');
      witness.sealed(heldEntry(opened));
      this.keeper.store(this.keeper.id, [opened]);
    }
  }
}
