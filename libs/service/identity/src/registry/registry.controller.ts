import { Controller } from '@nestjs/common';
import { identity, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { FindParties } from './persistence/find-parties.query.js';
import { RegisterCooperative } from './register-cooperative.js';
import { RegisterParticipant } from './register-participant.js';

type Input<Name extends keyof typeof identity> = (typeof identity)[Name] extends { input: infer Schema extends z.ZodType } ? z.output<Schema> : never;
type Output<Name extends keyof typeof identity> = (typeof identity)[Name] extends { output: infer Schema extends z.ZodType } ? z.input<Schema> : never;

/** Nodes, cooperatives and participants over request/reply. */
@Controller()
export class RegistryController {
  constructor(
    private readonly find: FindParties, private readonly registerCooperative: RegisterCooperative, private readonly registerParticipant: RegisterParticipant,
  ) {}

  @Operation(identity.getNode)
  async getNode(): Promise<Output<'getNode'>> {
    return this.find.ownNode();
  }

  @Operation(identity.listNodes)
  async listNodes(page: Input<'listNodes'>): Promise<Output<'listNodes'>> {
    return this.find.nodes(page);
  }

  @Operation(identity.registerCooperative)
  async register(input: Input<'registerCooperative'>): Promise<Output<'registerCooperative'>> {
    await this.registerCooperative.run(input);
    return this.find.cooperative(input.cooperativeId);
  }

  @Operation(identity.listCooperatives)
  async listCooperatives(page: Input<'listCooperatives'>): Promise<Output<'listCooperatives'>> {
    return this.find.cooperatives(page);
  }

  @Operation(identity.getCooperative)
  async getCooperative({ cooperativeId }: Input<'getCooperative'>): Promise<Output<'getCooperative'>> {
    return this.find.cooperative(cooperativeId);
  }

  @Operation(identity.registerParticipant)
  async registerMember(input: Input<'registerParticipant'>, { caller }: RequestMeta): Promise<Output<'registerParticipant'>> {
    await this.registerParticipant.run(input, caller);
    return this.find.participant(input.participantId);
  }

  @Operation(identity.listParticipants)
  async listParticipants({ cooperativeId, ...page }: Input<'listParticipants'>): Promise<Output<'listParticipants'>> {
    return this.find.participants(page, cooperativeId);
  }

  @Operation(identity.getParticipant)
  async getParticipant({ participantId }: Input<'getParticipant'>): Promise<Output<'getParticipant'>> {
    return this.find.participant(participantId);
  }
}
