/**
 * Mistakes that can be planted, each one an implementation could really have. They show that the simulation is able to
 * fail: the spec plants one after the other and expects it to be found.
 */
export const BUGS = [
  /** Takes an entry with a number it holds for the entry it holds. */
  'compares numbers only',
  /** Seals after a restore as after any start, whatever peers hold. */
  'seals without asking',
  /** After a restore, counts what peers say while something it had sent them before may still be on its way. */
  'counts words too soon',
  /** Takes an own entry that a peer has shown for its word on how far it holds our log. */
  'takes an entry for a word',
  /** Waits for ever for a peer that names more of its log and never shows it. */
  'waits for whoever claims',
  /** Looks for its own signature only with the keys that its own log, cut short, still names. */
  'knows only the keys of its log',
  /** Seals drafts again whose entries have come back from peers. */
  'seals drafts again',
  /** Keeps to the first proof, though a later one shows an earlier contradiction. */
  'freezes where the first proof says',
  /** Freezes, and keeps the proof to itself. */
  'keeps proofs to itself',
  /** Believes a proof without checking it. */
  'takes proofs on trust',
  /** Notes that it has come further in a peer's stream before the entries are stored. */
  'moves the cursor first',
  /** Applies what is handed over a second time. */
  'applies without an inbox',
  /** Takes every signature for good. */
  'verifies no signatures',
  /** Forgets everything below a checkpoint. */
  'forgets what is live',
  /** Adopts a snapshot without comparing it with the checkpoint. */
  'adopts any snapshot',
  /** Drops, with a snapshot, what has lapsed, and keeps what that had replaced. */
  'drops only what has lapsed',
  /** Leaves out, when it reads proofs, its own notices: after a restore it has no other. */
  'overlooks its own notices',
  /** Takes a node that was started while its log was in doubt for one that was only started again. */
  'forgets a doubt at a crash',
  /** Stops at a frozen issuer, also below the agreed entry. */
  'leaves frozen logs behind',
] as const;

export type Bug = (typeof BUGS)[number];
