import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { bilateralSetoff, checkObligations, netObligations, parseAmount, verifyNetting, type Obligation, type UnitOutcome } from './index.js';

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
const rowsIn = (folder: string, name: string) => (read(folder, name) as { obligations: Partial<CaseObligation>[] }).obligations;

/** Obligations of a file's rows; undefined where a field is missing or an amount has another than its one spelling. */
function obligationsOf(rows: readonly Partial<CaseObligation>[]): Obligation[] | undefined {
  const obligations = rows.map(({ id, debtor, creditor, amount, currency }) => ({
    id, debtor, creditor, unit: currency, amount: typeof amount === 'string' ? parseAmount(amount) : undefined,
  }));
  return obligations.some((fields) => Object.values(fields).includes(undefined)) ? undefined : obligations as Obligation[];
}

const isRefused = (rows: readonly Partial<CaseObligation>[]) => checkObligations(obligationsOf(rows) ?? []).length > 0 || obligationsOf(rows) === undefined;

/** What a unit may be called and how large one amount may be is not the kernel's to say. */
const LEFT_TO_THE_EDGE = ['lowercase-currency.json', 'over-int63.json', 'unknown-currency.json'];

describe('the clearing cases', () => {
  it('are read row by row', () => {
    const row: CaseObligation = { id: '1', debtor: 'ana', creditor: 'ben', amount: '100', currency: 'EUR' };
    expect(obligationsOf([row])).toEqual([{ id: '1', debtor: 'ana', creditor: 'ben', amount: 100n, unit: 'EUR' }]);
    expect([row, { ...row, amount: '0100' }, { ...row, creditor: 'ana' }].map((one) => isRefused([one]))).toEqual([false, true, true]);
  });
  for (const name of namesIn('cases')) {
    it(`${name} has the proven optimum`, () => {
      const problem = { obligations: obligationsOf(rowsIn('cases', name))!, salt: name };
      const outcome = netObligations(problem);
      verifyNetting(problem, outcome);
      const { perCurrency } = read('expected', name) as { perCurrency: Record<string, Expected> };
      expect(outcome.perUnit.map(({ unit }) => unit)).toEqual(Object.keys(perCurrency).sort());
      for (const unit of outcome.perUnit) expect(figuresOf(unit)).toMatchObject(expectedFigures(perCurrency[unit.unit]!));
      for (const { unit, cleared, netTotal } of bilateralSetoff(problem.obligations)) {
        expect({ cleared: String(cleared), remaining: String(netTotal) }).toEqual(perCurrency[unit]!.bilateral);
      }
    });
  }
  for (const name of namesIn('invalid').filter((file) => !LEFT_TO_THE_EDGE.includes(file))) {
    it(`${name} is refused`, () => expect(isRefused(rowsIn('invalid', name))).toBe(true));
  }
});

const figuresOf = (unit: UnitOutcome) => ({
  gross: String(unit.grossTotal), netInternalDebt: String(unit.netInternalDebt), cleared: String(unit.cleared), remaining: String(unit.netTotal),
  net: Object.fromEntries(unit.positions.map(({ party, position }) => [party, String(position)])),
});

const expectedFigures = ({ gross, net, netInternalDebt, setoff }: Expected) =>
  ({ gross, netInternalDebt, cleared: setoff.cleared, remaining: setoff.remaining, ...(net !== undefined && { net }) });
