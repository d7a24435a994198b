import { Controller } from '@nestjs/common';
import { appliedEntry, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, type EntryRoute } from '@kula/platform-federation';
import { OnSubject } from '@kula/platform-messaging';
import { COUNTED, countedBody } from './counted-entry.js';

/** Records every entry it is handed, in the transaction in which its inbox takes the entry in: as any service applies entries. */
@Controller()
export class CountEntries {
  private readonly routes: readonly EntryRoute[] = [{
    type: COUNTED.type,
    causes: () => [],
    apply: async ({ issuer, seq, hash, body }, tx) => {
      const { note, holdMs } = countedBody.parse(body);
      await tx.query('INSERT INTO counted (issuer, seq, hash, note) VALUES ($1, $2, $3, $4)', [issuer, seq, hash, note]);
      if (holdMs > 0) await tx.query('SELECT pg_sleep($1 / 1000.0)', [holdMs]);
    },
  }];

  constructor(private readonly inbox: FederationInbox) {}

  @OnSubject(`fedin.${COUNTED.topic}`, appliedEntry)
  async count(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply('counting', entry, this.routes);
  }
}
