import { hashDocument, type Json } from '@kula/kernel-crypto';
import { contracts, type Actor } from '@kula/testing-story';
import type { z } from 'zod';
import { until } from '../log/until.js';
import { NAMES, type MeetingNetwork } from './meeting-network.js';

const DAY_MS = 24 * 3_600_000;

/** What a member publishes. Everything is counted in hours and delivered from afar, so that any two listings of a capability fit. */
export interface Wish {
  readonly member: string;
  readonly kind: 'offering' | 'need';
  readonly capability: string;
  readonly title: string;
  readonly place?: string;
  readonly visibility?: 'network' | 'summary' | 'query' | 'node';
}

export type Chain = z.output<typeof contracts.exchange.chain>;
type Listing = z.output<typeof contracts.matching.listing>;

/** An offering and a need of one member: what it gives for what it wants. */
export const swap = (member: string, gives: string, wants: string, more: Pick<Wish, 'place' | 'visibility'> = {}): readonly Wish[] => [
  { member, kind: 'offering', capability: gives, title: `${member} gives ${gives}`, ...more },
  { member, kind: 'need', capability: wants, title: `${member} wants ${wants}`, ...more },
];

/** What members of the network do at the doors of their home nodes. */
export class Market {
  constructor(private readonly three: MeetingNetwork) {}

  async publish(...wishes: readonly Wish[]): Promise<Listing[]> {
    const at = this.three.startedAt.getTime();
    const window = { availableFrom: new Date(at + DAY_MS).toISOString(), availableUntil: new Date(at + 60 * DAY_MS).toISOString() };
    return Promise.all(wishes.map(({ member, kind, capability, title, place = null, visibility = 'network' }) => {
      const reference = hashDocument({ member, title }).slice(0, 20);
      const listing = { reference: `r${reference}`, kind, title, capability, quantity: { amount: '2', unit: 'HOUR' }, ...window, place, delivery: 'remote', visibility };
      return this.three.cast.actor(member).client.post('/v1/listings', listing, `${member} ${title}`, contracts.matching.publishListing);
    }));
  }

  /** Waits until every node knows these listings by their titles. */
  async areKnown(wishes: readonly Wish[]): Promise<void> {
    await Promise.all(NAMES.map((at) => until(`${at} to know the listings`, async () => {
      const known = new Set((await this.three.operator(at).all('/v1/listings', contracts.matching.listListings)).map(({ title }) => title));
      return wishes.every(({ title }) => known.has(title));
    })));
  }

  /** Searches at every node until the ring of these members is proposed, and answers it once their home nodes have agreed and wait for them. */
  async proposed(...members: readonly string[]): Promise<Chain> {
    const chain = await until(`a chain of ${members.join(', ')}`, async () => {
      for (const at of NAMES) {
        await this.three.operator(at).post('/v1/searches', {}, null, contracts.matching.runSearch);
        const found = (await this.chainsOf(at)).find((chain) => this.isOf(chain, members));
        if (found !== undefined) return found;
      }
      return undefined;
    });
    return this.everywhere(chain, 'confirming');
  }

  /** Waits until a chain is in a state at every node whose members have a part in it. Others show nothing of it. */
  async everywhere({ chainId, legs }: Pick<Chain, 'chainId' | 'legs'>, state: Chain['state']): Promise<Chain> {
    const homes = NAMES.filter((at) => legs.some(({ providerNode }) => providerNode === this.three.idOf(at)));
    const chains = await Promise.all(homes.map((at) => until(`chain ${chainId} to be ${state} at ${at}`, async () => {
      const found = (await this.chainsOf(at)).find((chain) => chain.chainId === chainId);
      return found?.state === state && found;
    })));
    return chains[0]!;
  }

  /** Every member signs at home the terms as they are shown there. */
  async consent(chainId: string, ...members: readonly string[]): Promise<void> {
    await Promise.all(members.map((member) => this.sign(chainId, this.three.cast.actor(member))));
  }

  async chainsOf(at: (typeof NAMES)[number]): Promise<Chain[]> {
    return this.three.operator(at).all('/v1/chains', contracts.exchange.listChains);
  }

  private isOf({ legs, state }: Chain, members: readonly string[]): boolean {
    const providers = new Set(legs.map(({ providerId }) => providerId));
    return state !== 'aborted' && providers.size === members.length && members.every((member) => providers.has(this.three.cast.actor(member).did));
  }

  private async sign(chainId: string, { key, did, wallet, client }: Actor): Promise<void> {
    const { terms, termsHash } = await client.get(`/v1/chains/${chainId}`, contracts.exchange.getChain);
    if (hashDocument(terms as Json) !== termsHash) throw new Error(`${key} is shown other terms than those to be signed`);
    const madeAt = this.three.startedAt.toISOString();
    const signature = wallet.sign('sep/consent/v1', { chain_id: chainId, terms_hash: termsHash, participant_id: did, decision: 'confirm', made_at: madeAt });
    await client.post(`/v1/chains/${chainId}/consents`, { termsHash, decision: 'confirm', madeAt, signature }, `consent of ${key}`, contracts.exchange.giveConsent);
  }
}
