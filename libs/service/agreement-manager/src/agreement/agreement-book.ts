import { Injectable } from '@nestjs/common';
import { agreement as contract } from '@kula/contracts';
import { Outbox, type Transaction } from '@kula/platform-persistence';
import { changedEvent } from './agreement.presenter.js';
import { AgreementRepository } from './agreement.repository.js';
import { AgreementUnknownError } from './domain/agreement.errors.js';
import type { Agreement } from './domain/agreement.js';

/** Changes agreements: saves what changed and tells the other services when the state did, in one transaction. */
@Injectable()
export class AgreementBook {
  constructor(private readonly agreements: AgreementRepository, private readonly outbox: Outbox) {}

  /** The agreement of that id. @throws AgreementUnknownError */
  async get(agreementId: string, tx: Transaction): Promise<Agreement> {
    const found = await this.agreements.find(agreementId, tx);
    if (found === undefined) throw new AgreementUnknownError(agreementId);
    return found;
  }

  /** Saves `after` where it differs from `before`. True where something changed. */
  async update(before: Agreement, after: Agreement, tx: Transaction): Promise<boolean> {
    if (before === after) return false;
    await this.agreements.save(after, tx);
    if (before.state !== after.state) await this.outbox.add(contract.agreementChanged, changedEvent(after), tx);
    return true;
  }
}
