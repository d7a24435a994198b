import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { z } from 'zod';
import { EntryLog } from '../log/entry-log.js';
import { OwnNode } from '../own-node.js';
import { EquivocationRepository } from '../quarantine/equivocation.repository.js';
import { OwnLogRepository } from './own-log.repository.js';
import { LogContradictedError, LogNotWaitingError } from './recovery.errors.js';

const EFFECT_MS_MAX = 3_000;
const LOOK_MS = 50;

/** An operator lets this node sign although too few peers have said what they hold of its log. */
@Injectable()
export class ConfirmOwnLog {
  private readonly logger = new Logger(ConfirmOwnLog.name);

  constructor(
    private readonly own: OwnNode, private readonly log: EntryLog, private readonly standing: OwnLogRepository, private readonly equivocations: EquivocationRepository,
  ) {}

  /**
   * Leaves the permission where the active instance finds it, and waits a moment for it to act.
   *
   * @throws LogNotWaitingError, LogContradictedError.
   */
  async handle({ reason }: z.output<typeof federation.confirmOwnLog.input>): Promise<z.output<typeof federation.confirmOwnLog.output>> {
    const at = await this.equivocations.frozenAt(this.own.nodeId);
    if (at !== undefined) throw new LogContradictedError(at);
    if (!await this.standing.allow(reason)) throw new LogNotWaitingError((await this.standing.read()).state);
    this.logger.warn(`an operator has confirmed this node's log: ${reason}`);
    for (let waitedMs = 0; waitedMs < EFFECT_MS_MAX && (await this.standing.read()).state !== 'confirmed'; waitedMs += LOOK_MS) await pause(LOOK_MS);
    const { head } = await this.log.issuerLog(this.own.nodeId);
    return { isSealing: await this.standing.isSealing(), head: head?.seq ?? null };
  }
}
