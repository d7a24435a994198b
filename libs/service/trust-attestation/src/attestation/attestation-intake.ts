import { Injectable } from '@nestjs/common';
import { attestationIssued, type AppliedEntry } from '@kula/contracts';
import { FederationInbox, onMessage, type EntryRoute } from '@kula/platform-federation';
import { AcceptAttestation, announcementOf } from './accept-attestation.js';

const CONSUMER = 'attestations';

/** The one way in for attestations: those of other nodes, and this node's own when they come back from its log. */
@Injectable()
export class AttestationIntake {
  private readonly routes: readonly EntryRoute[] = [onMessage(attestationIssued, (entry, tx) => this.accepting.handle(entry, tx))];

  constructor(private readonly inbox: FederationInbox, private readonly accepting: AcceptAttestation) {}

  /** Applies an entry of the topic. */
  async take(entry: AppliedEntry): Promise<void> {
    await this.inbox.apply(CONSUMER, entry, this.routes);
  }

  /** Applies what waited for a participant to be announced. */
  async resume(participantId: string): Promise<void> {
    await this.inbox.resume(CONSUMER, announcementOf(participantId), this.routes);
  }
}
