import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { AgreementUnknownError } from './domain/arrangement.errors.js';
import { Arrangement, type ArrangementState, type Party } from './domain/arrangement.js';

interface Row {
  readonly agreement_id: string;
  readonly state: ArrangementState;
  readonly unit: string;
  readonly scale: number;
  readonly parties: readonly Party[];
  readonly version: number;
}

/** What this node knows of clearing arrangements. */
@Injectable()
export class ArrangementRepository {
  /** The arrangement of that agreement, or undefined. */
  async find(agreementId: string, tx: Transaction): Promise<Arrangement | undefined> {
    const [row] = await tx.query<Row[]>('SELECT agreement_id, state, unit, scale, parties, version FROM arrangement WHERE agreement_id = $1', [agreementId]);
    return row && new Arrangement({ agreementId: row.agreement_id, state: row.state, unit: row.unit, scale: row.scale, parties: row.parties, version: row.version });
  }

  /** The arrangement of that agreement. @throws AgreementUnknownError */
  async get(agreementId: string, tx: Transaction): Promise<Arrangement> {
    const found = await this.find(agreementId, tx);
    if (found === undefined) throw new AgreementUnknownError(agreementId);
    return found;
  }

  /** Takes over a state unless a later version is here already. */
  async follow(arrangement: Arrangement, tx: Transaction): Promise<void> {
    const { agreementId, state, unit, scale, parties, version } = arrangement.props;
    await tx.query(
      `INSERT INTO arrangement (agreement_id, state, unit, scale, parties, cooperatives, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (agreement_id) DO UPDATE SET state = excluded.state, version = excluded.version WHERE arrangement.version < excluded.version`,
      [agreementId, state, unit, scale, JSON.stringify(parties), parties.map(({ cooperative }) => cooperative), version],
    );
  }
}
