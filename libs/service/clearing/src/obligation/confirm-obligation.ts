import { Injectable } from '@nestjs/common';
import { clearing as contract, obligationConfirmed, type Caller } from '@kula/contracts';
import { FederationOutbox } from '@kula/platform-federation';
import { UnitOfWork } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import type { z } from 'zod';
import { ArrangementRepository } from '../arrangement/arrangement.repository.js';
import { checkSignature } from './check-statement.js';
import { NotYourObligationError, ObligationUnknownError, OtherStatementError, WrongObligationStateError } from './domain/obligation.errors.js';
import type { Obligation } from './domain/obligation.js';
import { ObligationRepository } from './obligation.repository.js';

type Confirm = z.output<typeof contract.confirmObligation.input>;

/** Takes the other side's signature over the same statement and passes it on. The same signature again answers the same. */
@Injectable()
export class ConfirmObligation {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly arrangements: ArrangementRepository, private readonly obligations: ObligationRepository,
    private readonly federation: FederationOutbox, private readonly node: NodeIdentity,
  ) {}

  async handle({ obligationId, statementHash, signature }: Confirm, caller: Caller | null): Promise<Obligation> {
    const signer = caller?.did ?? '';
    return this.unitOfWork.retrying(async (tx) => {
      const recorded = await this.obligations.find(obligationId, tx);
      if (recorded === undefined) throw new ObligationUnknownError(obligationId);
      const { statement, recordedBy } = recorded.props;
      const arrangement = await this.arrangements.get(statement.agreement_id, tx);
      const isOtherSide = recorded.concerns(signer) && signer !== recordedBy && arrangement.homeOf(signer) === this.node.id;
      if (!isOtherSide) throw new NotYourObligationError(signer);
      if (statementHash !== recorded.props.statementHash) throw new OtherStatementError(statementHash);
      checkSignature({ domain: 'sep/obligation/v1', signer, statement: { ...statement }, signature });
      const known = recorded.signatureOf(signer);
      if (known?.signature === signature) return recorded;
      if (known !== null) throw new WrongObligationStateError('it is confirmed already');
      if (arrangement.props.state !== 'active') throw new WrongObligationStateError(`its agreement is ${arrangement.props.state}`);
      const confirmed = recorded.sign({ signer, signature, seq: null });
      await this.obligations.save([confirmed], tx);
      await this.federation.add(obligationConfirmed, { obligation_id: obligationId, statement_hash: statementHash, signed_by: signer, signature }, { subject: obligationId }, tx);
      return confirmed;
    });
  }
}
