import { Controller } from '@nestjs/common';
import type { AppliedEntry } from '@kula/contracts';
import { OnFederated } from '@kula/platform-federation';
import { IssuerActivity } from './issuer-activity.js';

/** Entries of topics that the registry does not read, as signs of life. Those of `announce` are noted where they are read. */
@Controller()
export class ActivityController {
  constructor(private readonly activity: IssuerActivity) {}

  @OnFederated('graph')
  async graph(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('chains')
  async chains(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('disputes')
  async disputes(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('attestations')
  async attestations(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('agreements')
  async agreements(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('clearing')
  async clearing(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }

  @OnFederated('governance')
  async governance(entry: AppliedEntry): Promise<void> { this.activity.note(entry); }
}
