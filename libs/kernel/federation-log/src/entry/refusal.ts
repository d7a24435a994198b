/**
 * Why text is no entry that may be stored, in order of precedence: the first that applies is returned.
 *
 * A fault of the payload is `entry.malformed` too, but is found only after the signature holds. `entry.bad_rotation` is
 * found only where an entry is accepted with the keys of its issuer's log.
 */
export type EntryRefusalCode =
  | 'entry.too_large'
  | 'entry.malformed'
  | 'entry.unknown_key'
  | 'entry.bad_signature'
  | 'entry.wrong_network'
  | 'entry.wrong_issuer'
  | 'entry.wrong_topic'
  | 'entry.retired_key'
  | 'entry.bad_rotation';

/** A refusal and, for the operator's log, which part broke the rule. `detail` never quotes the entry. */
export interface EntryRefusal {
  readonly refused: EntryRefusalCode;
  readonly detail: string;
}

/** A refusal of an entry. */
export const refuseEntry = (refused: EntryRefusalCode, detail: string): EntryRefusal => ({ refused, detail });
