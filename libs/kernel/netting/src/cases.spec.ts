import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { bilateralSetoff, checkObligations, netObligations, parseAmount, verifyNetting, type Obligation } from './index.js';

interface CaseObligation {
  readonly id: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: string;
  readonly currency: string;
}
interface Expected {
  readonly gross: string;
  readonly net?: Readonly<Record<string, string>>;
  readonly netInternalDebt: string;
  readonly bilateral: { readonly cleared: string; readonly remaining: string };
  readonly setoff: { readonly cleared: string; readonly remaining: string };
}

/** Obligation sets with proven optima, kept beside the project where they are present. */
const KIT = fileURLToPath(new URL('../../../../../shared/cases/clearing', import.meta.url));
const isPresent = existsSync(KIT);
if (!isPresent) process.stdout.write(`skipped: the clearing cases are not at ${KIT}\n`);

const namesIn = (folder: string) => (isPresent ? readdirSync(join(KIT, folder)).filter((name) => name.endsWith('.json')) : []);
const read = (folder: string, name: string) => JSON.parse(readFileSync(join(KIT, folder, name), 'utf8')) as unknown;
const obligationsIn = (name: string) => (read('cases', name) as { obligations: CaseObligation[] }).obligations
  .map(({ amount, currency, ...rest }): Obligation => ({ ...rest, amount: parseAmount(amount)!, unit: currency }));

/** The kernel's part of refusing a row: its amount has one spelling, its texts are there, the rest is checked. What a unit may be called is not the kernel's to say. */
function isRefused(rows: readonly Partial<CaseObligation>[]): boolean {
  const obligations = rows.map(({ id, debtor, creditor, amount, currency }) => ({
    id, debtor, creditor, unit: currency, amount: typeof amount === 'string' ? parseAmount(amount) : undefined,
  }));
  if (obligations.some((fields) => Object.values(fields).includes(undefined))) return true;
  return checkObligations(obligations as Obligation[]).length > 0;
}
const LEFT_TO_THE_EDGE = ['lowercase-currency.json', 'over-int63.json', 'unknown-currency.json'];

(isPresent ? describe : describe.skip)('the clearing cases', () => {
  it.each(namesIn('cases'))('%s has the proven optimum', (name) => {
    const problem = { obligations: obligationsIn(name), salt: name };
    const outcome = netObligations(problem);
    verifyNetting(problem, outcome);
    const { perCurrency } = read('expected', name) as { perCurrency: Record<string, Expected> };
    expect(outcome.perUnit.map(({ unit }) => unit)).toEqual(Object.keys(perCurrency).sort());
    for (const unit of outcome.perUnit) {
      const expected = perCurrency[unit.unit]!;
      expect({
        gross: String(unit.grossTotal), netInternalDebt: String(unit.netInternalDebt),
        cleared: String(unit.cleared), remaining: String(unit.netTotal),
      }).toEqual({
        gross: expected.gross, netInternalDebt: expected.netInternalDebt, cleared: expected.setoff.cleared, remaining: expected.setoff.remaining,
      });
      if (expected.net !== undefined) {
        expect(Object.fromEntries(unit.positions.map(({ party, position }) => [party, String(position)]))).toEqual(expected.net);
      }
    }
    for (const { unit, cleared, netTotal } of bilateralSetoff(problem.obligations)) {
      expect({ cleared: String(cleared), remaining: String(netTotal) }).toEqual(perCurrency[unit]!.bilateral);
    }
  });
  it.each(namesIn('invalid').filter((name) => !LEFT_TO_THE_EDGE.includes(name)))('%s is refused', (name) => {
    expect(isRefused((read('invalid', name) as { obligations: Partial<CaseObligation>[] }).obligations)).toBe(true);
  });
});
