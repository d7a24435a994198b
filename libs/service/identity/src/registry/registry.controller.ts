import { Controller } from '@nestjs/common';
import { identity, type RequestMeta } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import type { z } from 'zod';
import { FindClaims } from '../claims/find-claims.query.js';
import { FindRegistry } from '../search/find-registry.query.js';
import { FindNodes } from './persistence/find-nodes.query.js';
import { FindParties } from './persistence/find-parties.query.js';
import { RegisterCooperative } from './register-cooperative.js';
import { RegisterParticipant } from './register-participant.js';

type Input<Name extends keyof typeof identity> = (typeof identity)[Name] extends { input: infer Schema extends z.ZodType } ? z.output<Schema> : never;
type Output<Name extends keyof typeof identity> = (typeof identity)[Name] extends { output: infer Schema extends z.ZodType } ? z.input<Schema> : never;

/** Nodes, cooperatives and participants over request/reply. */
@Controller()
export class RegistryController {
  constructor(
    private readonly find: FindParties, private readonly findNodes: FindNodes, private readonly registry: FindRegistry, private readonly findClaims: FindClaims,
    private readonly registerCooperative: RegisterCooperative, private readonly registerParticipant: RegisterParticipant,
  ) {}

  @Operation(identity.getNode)
  async getNode(): Promise<Output<'getNode'>> {
    return this.findNodes.ownNode();
  }

  @Operation(identity.listNodes)
  async listNodes(page: Input<'listNodes'>): Promise<Output<'listNodes'>> {
    return this.findNodes.nodes(page);
  }

  @Operation(identity.findNode)
  async findNode({ nodeId }: Input<'findNode'>): Promise<Output<'findNode'>> {
    return this.findNodes.node(nodeId);
  }

  @Operation(identity.searchRegistry)
  async search(search: Input<'searchRegistry'>): Promise<Output<'searchRegistry'>> {
    return this.registry.search(search);
  }

  @Operation(identity.listClaims)
  async listClaims({ nodeId, ...page }: Input<'listClaims'>): Promise<Output<'listClaims'>> {
    return this.findClaims.claims(page, nodeId);
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
