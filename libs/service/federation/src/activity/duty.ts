/** Work that exactly one instance of the service does at a time. May be started again after it was stopped. */
export interface Duty {
  start(): void;
  /** Resolves when the piece of work in hand has ended. */
  stop(): Promise<void>;
}

/** Token of the list of everything the active instance does, in the order in which it begins. */
export const DUTIES = Symbol('duties');
