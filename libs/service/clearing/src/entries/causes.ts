/** Under which name this service takes in entries. */
export const CONSUMER = 'clearing';

/** Names of what an entry may wait for. `EntryProgressRepository.readyCauses` finds those that are there. */
export const causes = {
  /** The agreement is in force, or has been. */
  agreement: (agreementId: string) => `agreement:${agreementId}`,
  /** The obligation is recorded. */
  obligation: (obligationId: string) => `obligation:${obligationId}`,
  /** The run is opened. */
  run: (runId: string) => `run:${runId}`,
  /** This node has computed the run. */
  result: (runId: string) => `result:${runId}`,
  /** The run is settled or disputed. */
  end: (runId: string) => `end:${runId}`,
} as const;
