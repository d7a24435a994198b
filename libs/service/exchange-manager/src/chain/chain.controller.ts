import { Controller } from '@nestjs/common';
import { exchange, type Caller, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { GiveConsent } from './give-consent.js';
import { GiveSignal } from './give-signal.js';
import { chainView, type ChainView } from './reading/chain.presenter.js';
import { FindChains } from './reading/find-chains.query.js';

/** Chains over request/reply. */
@Controller()
export class ChainController {
  constructor(private readonly find: FindChains, private readonly giveConsent: GiveConsent, private readonly giveSignal: GiveSignal) {}

  @Operation(exchange.getChain)
  async getChain({ chainId }: { chainId: string }, { caller }: RequestMeta): Promise<ChainView> {
    return this.find.chain(chainId, caller);
  }

  @Operation(exchange.listChains)
  async listChains(request: z.output<typeof exchange.listChains.input>, { caller }: RequestMeta): Promise<z.input<typeof exchange.listChains.output>> {
    return this.find.chains(request, caller);
  }

  @Operation(exchange.getTimeline)
  async getTimeline({ chainId }: { chainId: string }, { caller }: RequestMeta): Promise<z.input<typeof exchange.getTimeline.output>> {
    return { steps: await this.find.timeline(chainId, caller) };
  }

  @Operation(exchange.giveConsent)
  async consent(input: z.output<typeof exchange.giveConsent.input>, { caller }: RequestMeta): Promise<ChainView> {
    return chainView(await this.giveConsent.run(input, didOf(caller)));
  }

  @Operation(exchange.giveSignal)
  async signal(input: z.output<typeof exchange.giveSignal.input>, { caller }: RequestMeta): Promise<ChainView> {
    return chainView(await this.giveSignal.run(input, didOf(caller)));
  }
}

/** Who speaks. Nobody is a member of any chain. */
const didOf = (caller: Caller | null): string => caller?.did ?? '';
