import { Controller } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { OnFederated } from '@kula/platform-federation';
import { EntryIntake } from './entry-intake.js';

/** Receives what other nodes, and this one, have written about obligations and runs. */
@Controller()
export class ClearingEntriesController {
  constructor(private readonly intake: EntryIntake) {}

  @OnFederated('clearing')
  async apply(entry: AppliedEntry): Promise<void> {
    await this.intake.take(entry);
  }
}
