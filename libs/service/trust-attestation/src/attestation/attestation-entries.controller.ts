import { Controller } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { OnFederated } from '@kula/platform-federation';
import { AttestationIntake } from './attestation-intake.js';

/** Takes in what nodes attest of their members. */
@Controller()
export class AttestationEntriesController {
  constructor(private readonly intake: AttestationIntake) {}

  @OnFederated('attestations')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.intake.take(entry);
  }
}
