import { Controller } from '@nestjs/common';
import { agreement as contract } from '@kula/contracts';
import { OnEvent } from '@kula/platform-messaging';
import { Inbox } from '@kula/platform-persistence';
import type { z } from 'zod';
import { EntryIntake } from '../entries/entry-intake.js';
import { ArrangementRepository } from './arrangement.repository.js';
import { Arrangement, type Party } from './domain/arrangement.js';

type Changed = z.output<typeof contract.agreementChanged.payload>;

/** Follows the agreements that say how their parties clear. */
@Controller()
export class ArrangementEventsController {
  constructor(private readonly inbox: Inbox, private readonly arrangements: ArrangementRepository, private readonly intake: EntryIntake) {}

  @OnEvent(contract.agreementChanged)
  async changed(change: Changed, messageId: string): Promise<void> {
    const arrangement = toArrangement(change);
    if (arrangement === undefined) return;
    await this.inbox.once('agreements', messageId, (tx) => this.arrangements.follow(arrangement, tx));
    await this.intake.catchUp();
  }
}

/** The arrangement in an agreement, or undefined where its parties do not clear. A party named twice counts where it is named first. */
function toArrangement({ state, terms, version }: Changed): Arrangement | undefined {
  if (terms.clearing === null) return undefined;
  const homes = new Map<string, string>();
  for (const { cooperative_id: id, home_node: home } of terms.parties) if (!homes.has(id)) homes.set(id, home);
  if (homes.size < 2) return undefined;
  const parties: Party[] = [...homes].map(([cooperative, homeNode]) => ({ cooperative, homeNode }));
  return new Arrangement({ agreementId: terms.agreement_id, state, unit: terms.clearing.unit, scale: terms.clearing.scale, parties, version });
}
