import type { Obligation } from './netting.types.js';

/** Why one field of one obligation is refused. `pointer` is a JSON pointer into the list of obligations. */
export interface ObligationRefusal {
  readonly pointer: string;
  readonly code:
    | 'netting.text_empty' | 'netting.text_malformed' | 'netting.id_duplicate'
    | 'netting.self_obligation' | 'netting.amount_not_positive' | 'netting.due_at_malformed';
  readonly detail: string;
}

const DUE_AT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)?$/;
const NAMES = ['id', 'debtor', 'creditor', 'unit'] as const;

/**
 * Everything that keeps a list of obligations from being netted; empty where the list is valid.
 *
 * Ids are unique over all units. Names are exact code units: two spellings of one letter are two parties. O(obligations).
 */
export function checkObligations(obligations: readonly Obligation[]): readonly ObligationRefusal[] {
  const ids = new Set<string>();
  return obligations.flatMap((obligation, index) => {
    const refusals = refusalsOf(obligation, `/${index}`);
    if (ids.has(obligation.id)) {
      refusals.push({ pointer: `/${index}/id`, code: 'netting.id_duplicate', detail: `id ${obligation.id} stands for an earlier obligation` });
    }
    ids.add(obligation.id);
    return refusals;
  });
}

function refusalsOf(obligation: Obligation, pointer: string): ObligationRefusal[] {
  const refusals: ObligationRefusal[] = [];
  for (const name of NAMES) {
    const text = obligation[name];
    if (text === '') refusals.push({ pointer: `${pointer}/${name}`, code: 'netting.text_empty', detail: `${name} is empty` });
    if (!text.isWellFormed()) {
      refusals.push({ pointer: `${pointer}/${name}`, code: 'netting.text_malformed', detail: `${name} is not well-formed Unicode` });
    }
  }
  if (obligation.debtor === obligation.creditor) {
    refusals.push({ pointer: `${pointer}/creditor`, code: 'netting.self_obligation', detail: 'debtor and creditor are the same party' });
  }
  if (obligation.amount <= 0n) {
    refusals.push({ pointer: `${pointer}/amount`, code: 'netting.amount_not_positive', detail: `amount ${obligation.amount} is not positive` });
  }
  if (obligation.dueAt !== undefined && !DUE_AT.test(obligation.dueAt)) {
    refusals.push({
      pointer: `${pointer}/dueAt`, code: 'netting.due_at_malformed',
      detail: 'dueAt is neither YYYY-MM-DD nor YYYY-MM-DDTHH:MM:SS.sssZ',
    });
  }
  return refusals;
}
