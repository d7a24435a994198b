import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { cooperativeTerms } from '../../search/domain/search-terms.js';
import { replaceTerms } from '../../search/replace-terms.js';
import type { CooperativeClaim, KnownParty, ParticipantClaim, PartyClaim } from '../domain/claims.js';

interface PartyRow { readonly kind: PartyClaim['kind']; readonly home_node: string; readonly statement_hash: string }

/** Cooperatives and participants of all known nodes. Rows are added and never changed. */
@Injectable()
export class PartyRepository {
  /** What stands under a did, or undefined. */
  async find(did: string, tx: Transaction): Promise<KnownParty | undefined> {
    const [row] = await tx.query<PartyRow[]>('SELECT kind, home_node, statement_hash FROM party WHERE did = $1', [did]);
    return row && { kind: row.kind, homeNode: row.home_node, statementHash: row.statement_hash };
  }

  /** Did of the participant that has the handle on a node, or undefined. */
  async holderOf(handle: string, homeNode: string, tx: Transaction): Promise<string | undefined> {
    const [row] = await tx.query<{ participant_id: string }[]>(
      'SELECT participant_id FROM participant WHERE home_node = $1 AND handle = $2', [homeNode, handle],
    );
    return row?.participant_id;
  }

  async addCooperative(claim: CooperativeClaim, tx: Transaction): Promise<void> {
    await this.addParty(claim, tx);
    await tx.query('INSERT INTO cooperative (cooperative_id, home_node, name, place) VALUES ($1, $2, $3, $4)', [claim.did, claim.homeNode, claim.name, claim.place]);
    await replaceTerms({ nodeId: claim.homeNode, partyId: claim.did }, cooperativeTerms(claim), tx);
  }

  async addParticipant(claim: ParticipantClaim, tx: Transaction): Promise<void> {
    await this.addParty(claim, tx);
    await tx.query(
      'INSERT INTO participant (participant_id, home_node, cooperative_id, handle, display_name) VALUES ($1, $2, $3, $4, $5)',
      [claim.did, claim.homeNode, claim.cooperativeId, claim.handle, claim.displayName],
    );
  }

  private async addParty(claim: PartyClaim, tx: Transaction): Promise<void> {
    await tx.query(
      'INSERT INTO party (did, kind, home_node, statement_hash, signature, made_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [claim.did, claim.kind, claim.homeNode, claim.statementHash, claim.signature, claim.madeAt],
    );
  }
}
