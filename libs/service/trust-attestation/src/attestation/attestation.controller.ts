import { Controller } from '@nestjs/common';
import { trust } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import { keyOfCursor, pageOfRows, UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { AttestationRepository } from './attestation.repository.js';
import { VerifyAttestation } from './verify-attestation.js';

/** At most 18 digits: what a bigint of the database holds. */
const POSITION = /^[1-9][0-9]{0,17}$/;

/** Operations on attestations. */
@Controller()
export class AttestationController {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly attestations: AttestationRepository, private readonly verifying: VerifyAttestation) {}

  @Operation(trust.listAttestations)
  async list({ participantId, limit, cursor }: z.output<typeof trust.listAttestations.input>) {
    const before = keyOfCursor(cursor, POSITION);
    const rows = await this.unitOfWork.run((tx) => this.attestations.list({ participantId, before, limit }, tx));
    const { items, nextCursor } = pageOfRows(rows, limit, ({ position }) => position);
    return { items: items.map(({ document }) => document), nextCursor };
  }

  @Operation(trust.verifyAttestation)
  async verify({ attestation }: z.output<typeof trust.verifyAttestation.input>) {
    const checks = await this.verifying.handle(attestation);
    return { isValid: checks.every(({ passed }) => passed), checks: [...checks] };
  }
}
