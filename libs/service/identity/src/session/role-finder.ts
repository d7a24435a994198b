import { Injectable } from '@nestjs/common';
import type { Transaction } from '@kula/platform-persistence';
import { OwnNode } from '../own-node/own-node.js';
import { PartyRepository } from '../registry/persistence/party.repository.js';
import { roleOf, type SessionRole } from './domain/session.js';

/** Who may sign in at this node, and as what. */
@Injectable()
export class RoleFinder {
  constructor(private readonly own: OwnNode, private readonly parties: PartyRepository) {}

  /** The role of a did. @throws PartyUnknownError where it may not sign in here. */
  async find(did: string, tx: Transaction): Promise<SessionRole> {
    return roleOf(did, this.own, await this.parties.find(did, tx));
  }
}
