import { Logger } from '@nestjs/common';
import { nodeUpdated } from '@kula/contracts';
import { invariant } from '@kula/kernel-primitives';
import type { FederationOutbox } from '@kula/platform-federation';
import { isUniqueViolation, type Transaction, type UnitOfWork } from '@kula/platform-persistence';
import { SettingsError } from '@kula/platform-runtime';
import type { IdentitySettings } from '../identity.settings.js';
import type { NodeRepository } from '../registry/persistence/node.repository.js';
import { needsUpdate, type NodeWords } from './domain/own-update.js';
import type { OwnUpdateRepository } from './own-update.repository.js';

interface Registry {
  readonly unitOfWork: UnitOfWork;
  readonly nodes: NodeRepository;
  readonly updates: OwnUpdateRepository;
  readonly outbox: FederationOutbox;
}

/** The node this service belongs to. */
export class OwnNode {
  constructor(readonly nodeId: string, readonly operatorId: string) {}

  /**
   * Puts this node into its own registry from the settings, as long as its own announcement has not come back from the log. Afterwards the log counts,
   * and where the settings say something else than the log, an update of it is drafted, once.
   *
   * Runs before the first message is taken in, so that no peer can claim this node's domain.
   * @throws SettingsError where a known peer holds the domain.
   */
  static async introduce(nodeId: string, settings: IdentitySettings, registry: Registry): Promise<OwnNode> {
    const words = {
      name: settings.KULA_NODE_NAME, domain: settings.KULA_NODE_DOMAIN, gatewayUrl: settings.KULA_GATEWAY_URL, operatorId: settings.KULA_OPERATOR_ID,
    };
    const { nodes } = registry;
    try {
      await registry.unitOfWork.run(async (tx) => {
        await nodes.save({ ...words, nodeId, announcedSeq: 0 }, tx);
        const holder = await nodes.holderOf(words.domain, tx);
        if (holder !== undefined && holder !== nodeId) throw domainHeld(words.domain);
        await OwnNode.updateLog(nodeId, words, registry, tx);
      });
    } catch (error) {
      throw isUniqueViolation(error) ? domainHeld(words.domain, error) : error;
    }
    return new OwnNode(nodeId, settings.KULA_OPERATOR_ID);
  }

  /** Drafts what the log does not say. Replicas that start together wait for each other at the row of the node. */
  private static async updateLog(nodeId: string, words: NodeWords, { nodes, updates, outbox }: Registry, tx: Transaction): Promise<void> {
    const announced = await nodes.find(nodeId, tx, true);
    invariant(announced !== undefined, 'this node is in its own registry');
    if (!needsUpdate(words, announced, await updates.find(tx))) return;
    const { name, domain, gatewayUrl: gateway_url, operatorId: operator_id } = words;
    await outbox.add(nodeUpdated, { node_id: nodeId, name, domain, gateway_url, operator_id, protocol: 1 }, { subject: nodeId }, tx);
    await updates.save({ ...words, afterSeq: announced.announcedSeq }, tx);
    new Logger(OwnNode.name).log('the settings differ from what this node has announced; an update goes to its log');
  }
}

const domainHeld = (domain: string, cause?: unknown): SettingsError =>
  new SettingsError(`the identity service cannot start: KULA_NODE_DOMAIN: a known peer holds ${domain}`, { cause });
