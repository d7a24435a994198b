import { Injectable } from '@nestjs/common';
import { agreement as contract, agreementTerms, type Caller } from '@kula/contracts';
import { hashDocument, type Json } from '@kula/kernel-crypto';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { NodeIdentity } from '@kula/platform-runtime';
import { CooperativeRepository } from '../registry/cooperative.repository.js';
import type { z } from 'zod';
import { AgreementRepository } from './agreement.repository.js';
import {
  AgreementExistsError, ClearingTermsMissingError, NotAPartyError, PartyRepeatedError, PartyUnknownError, PeriodReversedError,
} from './domain/agreement.errors.js';
import { Agreement } from './domain/agreement.js';

type Draft = z.output<typeof contract.draftAgreement.input>;

/** Drafts an agreement on this node. The same draft again answers the same. */
@Injectable()
export class DraftAgreement {
  constructor(
    private readonly unitOfWork: UnitOfWork, private readonly agreements: AgreementRepository, private readonly cooperatives: CooperativeRepository,
    private readonly node: NodeIdentity,
  ) {}

  async handle(draft: Draft, caller: Caller | null): Promise<Agreement> {
    const draftedBy = caller?.did ?? '';
    this.check(draft, draftedBy);
    const terms = agreementTerms.parse({
      agreement_id: draft.agreementId, version: 1, type: draft.type, title: draft.title, text: draft.text, parties: draft.parties, clearing: draft.clearing,
      effective_from: draft.effectiveFrom, effective_until: draft.effectiveUntil,
    });
    const termsHash = hashDocument(terms as Json);
    return this.unitOfWork.retrying(async (tx) => {
      await this.checkPartiesKnown(draft, tx);
      const existing = await this.agreements.find(draft.agreementId, tx);
      if (existing !== undefined) {
        if (existing.props.termsHash !== termsHash || existing.props.draftedBy !== draftedBy) throw new AgreementExistsError(draft.agreementId);
        return existing;
      }
      const agreement = new Agreement({ terms, termsHash, draftedBy, isProposed: false, isExpired: false, signatures: [], actions: [], version: 1 });
      await this.agreements.add(agreement, tx);
      return agreement;
    });
  }

  private check({ type, parties, clearing, effectiveFrom, effectiveUntil }: Draft, draftedBy: string): void {
    const ids = parties.map(({ cooperative_id: id }) => id);
    const isHere = parties.some((party) => party.cooperative_id === draftedBy && party.home_node === this.node.id);
    if (!isHere) throw new NotAPartyError(draftedBy);
    const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
    if (repeated !== undefined) throw new PartyRepeatedError(repeated);
    if ((type === 'ClearingArrangement') !== (clearing !== null)) throw new ClearingTermsMissingError();
    if (effectiveUntil !== null && Date.parse(effectiveUntil) <= Date.parse(effectiveFrom)) throw new PeriodReversedError();
  }

  private async checkPartiesKnown({ parties }: Draft, tx: Transaction): Promise<void> {
    for (const { cooperative_id: id, home_node: home } of parties) {
      if ((await this.cooperatives.homeOf(id, tx)) !== home) throw new PartyUnknownError(id);
    }
  }
}
