import { Injectable } from '@nestjs/common';
import { clearing as contract, type Caller } from '@kula/contracts';
import { keyOfCursor, pageOfRows, UnitOfWork, type Page } from '@kula/platform-persistence';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { AgreementUnknownError } from '../arrangement/domain/arrangement.errors.js';
import { ObligationUnknownError } from './domain/obligation.errors.js';
import type { Obligation } from './domain/obligation.js';
import { ObligationRepository } from './obligation.repository.js';

const OBLIGATION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Cooperatives see the obligations of the agreements they are a party of, operators all that this node knows. */
@Injectable()
export class FindObligations {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly arrangements: ArrangementRepository, private readonly obligations: ObligationRepository) {}

  async get(obligationId: string, caller: Caller | null): Promise<Obligation> {
    return this.unitOfWork.run(async (tx) => {
      const found = await this.obligations.find(obligationId, tx);
      if (found === undefined) throw new ObligationUnknownError(obligationId);
      const arrangement = await this.arrangements.get(found.props.statement.agreement_id, tx);
      if (!arrangement.isSeenBy(caller)) throw new ObligationUnknownError(obligationId);
      return found;
    });
  }

  async list({ limit, cursor, agreementId, state }: z.output<typeof contract.listObligations.input>, caller: Caller | null): Promise<Page<Obligation>> {
    const party = caller?.role === 'operator' ? null : (caller?.did ?? '');
    const after = keyOfCursor(cursor, OBLIGATION_ID);
    const rows = await this.unitOfWork.run((tx) => this.obligations.list({ party, agreementId: agreementId ?? null, state: state ?? null, after, limit }, tx));
    return pageOfRows(rows, limit, ({ id }) => id);
  }

  /** What every party of an agreement is owed and owes over open and frozen obligations, in the order of the terms. */
  async positions(agreementId: string, caller: Caller | null): Promise<z.input<typeof contract.listPositions.output>> {
    return this.unitOfWork.run(async (tx) => {
      const arrangement = await this.arrangements.get(agreementId, tx);
      if (!arrangement.isSeenBy(caller)) throw new AgreementUnknownError(agreementId);
      const totals = await this.obligations.totals(agreementId, tx);
      const sumOf = (side: 'debtor' | 'creditor', party: string) => totals.reduce((sum, total) => (total[side] === party ? sum + total.remaining : sum), 0n);
      const positions = arrangement.props.parties.map(({ cooperative: party }) => {
        const [owedToParty, owedByParty] = [sumOf('creditor', party), sumOf('debtor', party)];
        return { party, owedToParty: String(owedToParty), owedByParty: String(owedByParty), position: String(owedToParty - owedByParty) };
      });
      return { unit: arrangement.props.unit, positions };
    });
  }
}
