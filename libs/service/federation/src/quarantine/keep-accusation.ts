import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork, type Transaction } from '@kula/platform-persistence';
import { LinkRepository } from '../link/link.repository.js';
import { OwnNode } from '../own-node.js';
import { CheckProof } from './check-proof.js';
import { EquivocationRepository } from './equivocation.repository.js';
import { UnkeptBranches } from './unkept-branches.js';

/** Somebody's word that a node has contradicted itself. `proof` is null where it has to be asked for. */
export interface Accusation {
  /** Node that sealed the entry which says so, and its number there. */
  readonly finder: string;
  readonly seq: number;
  readonly accused: string;
  readonly proof: object | null;
}

/** `kept`: it holds. `refused`: it does not. `awaited`: it has to be asked for, or keys to check it with are missing. */
export type AccusationOutcome = 'kept' | 'refused' | 'awaited';

const utf8 = new TextEncoder();

/**
 * Judges an accusation: the proof decides and not the finder.
 *
 * One that holds freezes whom it accuses at the last agreed entry, as if the contradiction had been found here; one that
 * does not is recorded against the finder and changes nothing.
 */
@Injectable()
export class KeepAccusation {
  private readonly logger = new Logger(KeepAccusation.name);

  constructor(
    private readonly own: OwnNode, private readonly checkProof: CheckProof, private readonly equivocations: EquivocationRepository,
    private readonly unkept: UnkeptBranches, private readonly links: LinkRepository, private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @param besides is committed with what becomes of the accusation. */
  async handle(accusation: Accusation, besides: (outcome: AccusationOutcome, tx: Transaction) => Promise<void>): Promise<AccusationOutcome> {
    const { finder, accused, proof } = accusation;
    const finding = proof === null ? undefined : await this.checkProof.handle(accused, proof);
    if (finding === undefined || (!finding.holds && finding.why === 'later_key')) return this.settle('awaited', besides);
    if (!finding.holds) return this.refuse(accusation, finding.why, besides);
    const { found } = finding;
    if ((await this.unkept.among(accused, found.hashes)).size > 0) return this.settle('kept', besides);
    await this.unitOfWork.run(async (tx) => {
      await this.equivocations.keep({ proof: finding.proof, at: found.at, shownBy: finder, isFoundHere: false }, tx);
      await besides('kept', tx);
    });
    this.logger.error(`${accused === this.own.nodeId ? 'this node' : accused} has contradicted itself at entry ${found.at}, as ${finder} has proven`);
    return 'kept';
  }

  private async refuse({ finder, seq, accused, proof }: Accusation, why: string, besides: (outcome: AccusationOutcome, tx: Transaction) => Promise<void>): Promise<'refused'> {
    const detail = `entry ${seq} of the finder accuses ${accused}: ${why}`;
    await this.unitOfWork.run(async (tx) => {
      const refused = [{ code: 'federation.proof_does_not_hold', detail, issuer: finder, streamSeq: null, bytes: utf8.encode(JSON.stringify(proof)) }];
      await this.links.record({ peer: finder, stored: 0, refused }, tx);
      await besides('refused', tx);
    });
    this.logger.warn(`a proof of ${finder} does not hold: ${detail}`);
    return 'refused';
  }

  private async settle<Outcome extends AccusationOutcome>(outcome: Outcome, besides: (outcome: AccusationOutcome, tx: Transaction) => Promise<void>): Promise<Outcome> {
    await this.unitOfWork.run((tx) => besides(outcome, tx));
    return outcome;
  }
}
