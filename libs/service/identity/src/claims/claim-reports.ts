import { Injectable, Logger } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import type { DomainError } from '@kula/kernel-primitives';
import type { Transaction } from '@kula/platform-persistence';
import { Clock } from '@kula/platform-runtime';
import { NodeRepository } from '../registry/persistence/node.repository.js';
import { PartyRepository } from '../registry/persistence/party.repository.js';
import type { NamedClaim } from './claimed-names.js';
import { disputesAmong, type Dispute, type Holder, type Looked } from './domain/disputes.js';

/** The entry of a refusal, as far as it is reported. */
export type RefusedEntry = Pick<AppliedEntry, 'issuer' | 'seq' | 'hash' | 'type' | 'ts'>;

/** Only after its signature has been checked may a statement say to which node it belongs. */
const UNPROVEN = 'identity.bad_signature';

/** Reports entries that claim what somebody else holds, in the transaction that refuses them. */
@Injectable()
export class ClaimReports {
  private readonly logger = new Logger(ClaimReports.name);

  constructor(private readonly nodes: NodeRepository, private readonly parties: PartyRepository, private readonly clock: Clock) {}

  /**
   * Records the refusal of an entry and each claim of it that somebody else holds. False, and nothing written, where there is none: then the
   * refusal is left to whoever called.
   *
   * The handler must not have written anything before it refused.
   */
  async file(entry: RefusedEntry, claims: readonly NamedClaim[], error: DomainError, tx: Transaction): Promise<boolean> {
    const looked: Looked[] = [];
    for (const claim of claims) looked.push({ ...claim, holder: await this.holderOf(claim, error, tx) });
    const disputes = disputesAmong(looked);
    if (disputes.length === 0) return false;
    const id = `${entry.issuer}:${entry.seq}`;
    this.logger.warn(`entry ${id} (${entry.type}) is refused and reported: ${error.code}: ${error.message}`);
    await tx.query('INSERT INTO refused_entry (entry_id, type, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [id, entry.type, error.code, error.message]);
    for (const dispute of disputes) await this.record(dispute, entry, error.code, tx);
    return true;
  }

  /** Who holds what is claimed, by what this node has recorded, else by what the entry names. */
  private async holderOf({ what, name, by, named }: NamedClaim, error: DomainError, tx: Transaction): Promise<Holder | undefined> {
    if (what === 'node') return named;
    if (what === 'domain') return asNode(await this.nodes.holderOf(name, tx));
    if (what === 'handle') return asMember(await this.parties.holderOf(name, by.nodeId, tx), by.nodeId);
    const known = await this.parties.find(name, tx);
    if (known !== undefined) return { id: name, nodeId: known.homeNode };
    return error.code === UNPROVEN ? undefined : named;
  }

  private async record({ what, name, by, holder }: Dispute, entry: RefusedEntry, code: string, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO issuer (issuer, disputed_claims) VALUES ($1, 1) ON CONFLICT (issuer) DO UPDATE SET disputed_claims = issuer.disputed_claims + 1', [entry.issuer],
    );
    await tx.query(
      `INSERT INTO disputed_claim (what, name, claimed_by, held_by, held_at, refused_as, issuer, seq, entry_hash, sealed_at, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [what, name, by.id, holder.id, holder.nodeId, code, entry.issuer, entry.seq, entry.hash, new Date(entry.ts), this.clock.now()],
    );
  }
}

const asNode = (nodeId: string | undefined): Holder | undefined => (nodeId === undefined ? undefined : { id: nodeId, nodeId });
const asMember = (did: string | undefined, nodeId: string): Holder | undefined => (did === undefined ? undefined : { id: did, nodeId });
