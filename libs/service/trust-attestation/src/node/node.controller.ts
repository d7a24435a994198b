import { Controller } from '@nestjs/common';
import { trust } from '@kula/contracts';
import { Operation } from '@kula/platform-messaging';
import { keyOfCursor, pageOfRows, UnitOfWork } from '@kula/platform-persistence';
import type { z } from 'zod';
import { NodeRepository, type CreditedNode } from './node.repository.js';

const NODE_ID = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

/** Operations on nodes. */
@Controller()
export class NodeController {
  constructor(private readonly unitOfWork: UnitOfWork, private readonly nodes: NodeRepository) {}

  @Operation(trust.listNodeCredibility)
  async list({ limit, cursor }: z.output<typeof trust.listNodeCredibility.input>) {
    const after = keyOfCursor(cursor, NODE_ID);
    const rows = await this.unitOfWork.run((tx) => this.nodes.list({ after, limit }, tx));
    const { items, nextCursor } = pageOfRows(rows, limit, (node) => node.nodeId);
    return { items: items.map(presentNode), nextCursor };
  }
}

function presentNode({ nodeId, credibility, attestationsReceived, experiences, isInGoodStanding }: CreditedNode): z.input<typeof trust.nodeCredibility> {
  return { nodeId, credibility, attestationsReceived, experiences, inGoodStanding: isInGoodStanding };
}
