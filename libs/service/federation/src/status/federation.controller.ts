import { Controller } from '@nestjs/common';
import { federation } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { FederationStatusQuery } from './federation-status.query.js';
import { ListEntriesQuery } from './list-entries.query.js';
import { PublicStatusQuery } from './public-status.query.js';

/** What the services of the node, and people through the gateway, may ask of the log. */
@Controller()
export class FederationController {
  constructor(private readonly federationStatus: FederationStatusQuery, private readonly publicStatus: PublicStatusQuery, private readonly entries: ListEntriesQuery) {}

  @Operation(federation.getFederationStatus)
  async status(_input: object): Promise<z.output<typeof federation.federationStatus>> {
    return this.federationStatus.status();
  }

  @Operation(federation.getPublicStatus)
  async health(_input: object): Promise<z.output<typeof federation.publicStatus>> {
    return this.publicStatus.status();
  }

  @Operation(federation.listEntries)
  async list(input: z.output<typeof federation.listEntries.input>): Promise<z.output<typeof federation.listEntries.output>> {
    return this.entries.page(input);
  }
}
