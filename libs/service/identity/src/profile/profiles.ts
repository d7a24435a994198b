import { Injectable } from '@nestjs/common';
import { AwaitsCause } from '@kula/platform-federation';
import type { Transaction } from '@kula/platform-persistence';
import { causes } from '../registry/admission.js';
import { CooperativeUnknownError, ForeignStatementError } from '../registry/domain/registry.errors.js';
import { PartyRepository } from '../registry/persistence/party.repository.js';
import { checkMade, ENTRY_AHEAD_MS, standingOf, type Profile, type Standing } from './domain/profile.js';
import { ProfileRepository } from './profile.repository.js';

/** The one way in for profiles, of requests and of entries alike. */
@Injectable()
export class Profiles {
  constructor(private readonly parties: PartyRepository, private readonly profiles: ProfileRepository) {}

  /** Continues where the cooperative lives on the node that the profile names. @throws CooperativeUnknownError otherwise. */
  async checkHome(profile: Profile, tx: Transaction): Promise<void> {
    const party = await this.parties.find(profile.cooperativeId, tx);
    if (party?.kind !== 'cooperative' || party.homeNode !== profile.homeNode) throw new CooperativeUnknownError(profile.cooperativeId);
  }

  /** Takes the profile of a known cooperative in where it is later than the one that stands. */
  async admit(profile: Profile, tx: Transaction): Promise<Standing> {
    const known = await this.profiles.rankOf(profile.cooperativeId, tx);
    const standing = standingOf(profile, known);
    if (standing === 'later') await this.profiles.replace(profile, known, tx);
    return standing;
  }

  /**
   * Takes in a profile that a node announces.
   *
   * @throws ForeignStatementError where a node speaks for another; ProfileFromFutureError by the clock of its entry, so that all nodes judge
   * alike; AwaitsCause until the cooperative is known; CooperativeUnknownError.
   */
  async admitAnnounced(profile: Profile, entry: { readonly issuer: string; readonly ts: number }, tx: Transaction): Promise<void> {
    if (profile.homeNode !== entry.issuer) throw new ForeignStatementError(profile.homeNode, entry.issuer);
    checkMade(profile, entry.ts, ENTRY_AHEAD_MS);
    if ((await this.parties.find(profile.cooperativeId, tx)) === undefined) throw new AwaitsCause(causes.cooperative(profile.cooperativeId));
    await this.checkHome(profile, tx);
    await this.admit(profile, tx);
  }
}
