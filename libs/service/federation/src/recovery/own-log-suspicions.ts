import { Injectable } from '@nestjs/common';
import type { Head } from '@kula/kernel-federation-log';
import { OwnLogWatch } from '../link/own-log-watch.js';
import { LogGate } from '../log/log-gate.js';

/** Passes on what is seen while entries are accepted: whoever accepts them cannot wait for whoever fetches them. */
@Injectable()
export class OwnLogSuspicions extends OwnLogWatch {
  private listener: ((peer: string, head: Head) => Promise<void>) | undefined;

  constructor(private readonly gate: LogGate) {
    super();
  }

  /** Names who decides what is done about a suspicion. */
  reportTo(listener: (peer: string, head: Head) => Promise<void>): void {
    this.listener = listener;
  }

  override async suspect(peer: string, head: Head): Promise<void> {
    await this.gate.holdSealing(`a peer holds an entry ${head.seq} of this node's log that this node does not`);
    await this.listener?.(peer, head);
  }
}
