import { Injectable } from '@nestjs/common';
import { clearing as contract, obligationRecorded, type Caller } from '@kula/contracts';
import { hashDocument } from '@kula/kernel-crypto';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { checkReference, checkStatement } from './check-statement.js';
import { ObligationExistsError } from './domain/obligation.errors.js';
import { Obligation, type ObligationStatement } from './domain/obligation.js';
import { ObligationRepository } from './obligation.repository.js';

type Input = z.output<typeof contract.recordObligation.input>;

/** Takes an obligation signed by a local debtor or creditor and passes it on. The same statement again answers the same. */
@Injectable()
export class RecordObligation {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly arrangements: ArrangementRepository, private readonly obligations: ObligationRepository,
    private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  async handle({ signature, ...record }: Input, caller: Caller | null): Promise<Obligation> {
    checkReference(record.reference, '/reference');
    const statement = statementOf(record);
    const statementHash = hashDocument({ ...statement });
    const signer = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const existing = await this.obligations.find(record.obligationId, tx);
      const isSame = existing?.props.statementHash === statementHash;
      if (isSame && existing.signatureOf(signer) !== null) return existing;
      const arrangement = await this.arrangements.get(record.agreementId, tx);
      arrangement.demandActive();
      checkStatement(arrangement, { statement, signer, signature, node: this.node.id });
      if (existing !== undefined && !isSame) throw new ObligationExistsError(record.obligationId);
      const signing = { signer, signature, seq: null };
      const recorded = existing?.sign(signing) ?? Obligation.record(statement, statementHash, signing);
      if (existing === undefined) await this.obligations.add(recorded, tx);
      else await this.obligations.save([recorded], tx);
      await this.federation.add(obligationRecorded, { statement, signed_by: signer, signature }, { subject: record.obligationId }, tx);
      return recorded;
    });
  }
}

const statementOf = ({ obligationId, agreementId, debtor, creditor, amount, unit, reference, dueAt, madeAt }: Omit<Input, 'signature'>): ObligationStatement => ({
  obligation_id: obligationId, agreement_id: agreementId, debtor, creditor, amount, unit, reference, due_at: dueAt, made_at: madeAt,
});
