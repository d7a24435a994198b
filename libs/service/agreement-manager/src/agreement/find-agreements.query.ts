import { Injectable } from '@nestjs/common';
import { agreement as contract, type Caller } from '@kula/contracts';
import { keyOfCursor, pageOfRows, UnitOfWork, type Page } from '@kula/platform-persistence';
import type { z } from 'zod';
import { AgreementBook } from './agreement-book.js';
import { AgreementRepository } from './agreement.repository.js';
import { AgreementUnknownError } from './domain/agreement.errors.js';
import type { Agreement } from './domain/agreement.js';

const AGREEMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Cooperatives see the agreements they are a party of, operators all that this node knows. A draft is its author's alone. */
@Injectable()
export class FindAgreements {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly book: AgreementBook, private readonly agreements: AgreementRepository) {}

  async get(agreementId: string, caller: Caller | null): Promise<Agreement> {
    const agreement = await this.unitOfWork.run((tx) => this.book.get(agreementId, tx));
    if (!isVisible(agreement, caller)) throw new AgreementUnknownError(agreementId);
    return agreement;
  }

  async list({ limit, cursor, state }: z.output<typeof contract.listAgreements.input>, caller: Caller | null): Promise<Page<Agreement>> {
    const party = caller?.role === 'operator' ? null : (caller?.did ?? '');
    const after = keyOfCursor(cursor, AGREEMENT_ID);
    const rows = await this.unitOfWork.run((tx) => this.agreements.list({ party, state: state ?? null, after, limit }, tx));
    const { items, nextCursor } = pageOfRows(rows, limit, (agreement) => agreement.id);
    return { items: items.filter((agreement) => isVisible(agreement, caller)), nextCursor };
  }
}

function isVisible(agreement: Agreement, caller: Caller | null): boolean {
  if (agreement.state === 'draft') return agreement.props.draftedBy === caller?.did;
  return caller?.role === 'operator' || (caller !== null && agreement.partyOf(caller.did) !== undefined);
}
