import { Logger } from '@nestjs/common';
import { isUniqueViolation, type UnitOfWork } from '@kula/platform-persistence';
import { SettingsError } from '@kula/platform-runtime';
import type { IdentitySettings } from './identity.settings.js';
import type { NodeRepository } from './registry/persistence/node.repository.js';

interface Registry { readonly unitOfWork: UnitOfWork; readonly nodes: NodeRepository }

/** The node this service belongs to. */
export class OwnNode {
  constructor(readonly nodeId: string, readonly operatorId: string) {}

  /**
   * Puts this node into its own registry from the settings, as long as its own announcement has not come back from the log.
   *
   * Runs before the first message is taken in, so that no peer can claim this node's domain.
   * @throws SettingsError where a known peer holds the domain.
   */
  static async introduce(nodeId: string, settings: IdentitySettings, { unitOfWork, nodes }: Registry): Promise<OwnNode> {
    const node = {
      nodeId, name: settings.KULA_NODE_NAME, domain: settings.KULA_NODE_DOMAIN, gatewayUrl: settings.KULA_GATEWAY_URL,
      operatorId: settings.KULA_OPERATOR_ID, announcedSeq: 0,
    };
    try {
      const isSettled = await unitOfWork.run(async (tx) => {
        await nodes.save(node, tx);
        return nodes.matches(node, tx);
      });
      if (!isSettled) new Logger(OwnNode.name).warn('the settings differ from what this node has announced; the announcement counts');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new SettingsError(`the identity service cannot start: KULA_NODE_DOMAIN: a known peer holds ${node.domain}`, { cause: error });
    }
    return new OwnNode(nodeId, settings.KULA_OPERATOR_ID);
  }
}
