/** How this node keeps its logs short. */
export class CheckpointOptions {
  /**
   * @param retentionDays days after which entries that are dead by a checkpoint are forgotten; 0: never.
   * @param entriesMin entries behind the own last checkpoint before the next one is written.
   */
  constructor(readonly retentionDays: number, readonly entriesMin: number) {}
}
