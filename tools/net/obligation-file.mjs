/**
 * Obligations of a file, checked whole: { obligations } or { refusals: [{ pointer, code, detail }] }.
 *
 * JSON {"obligations":[{id, debtor, creditor, amount, currency, dueAt?}], "acceptances":[…], "liquidity":[…]}
 * or CSV with the columns id, debtor, creditor, amount, currency and, optionally, dueAt. Amounts are decimal strings of minor
 * units, at most 2^63 − 1 each. A currency is a code of ISO 4217 or one of the units named beside it.
 */
import { checkObligations, parseAmount } from '../../libs/kernel/netting/dist/index.js';
import { csvRecords } from './csv.mjs';
import { CURRENCIES } from './currencies.mjs';

const AMOUNT_MAX = 2n ** 63n - 1n;
const LISTS = {
  obligations: { texts: ['id', 'debtor', 'creditor'], amount: 'amount' },
  acceptances: { texts: ['debtor', 'creditor'], amount: 'limit' },
  liquidity: { texts: ['party'], amount: 'amount' },
};

export function readObligations(bytes, { isCsv, units }) {
  const { file, refusal } = isCsv ? csvFile(bytes) : jsonFile(bytes);
  if (refusal) return { refusals: [refusal] };
  const registered = new Set([...CURRENCIES, ...units]);
  const refusals = Object.keys(LISTS).flatMap((name) => listRefusals(file, name, registered));
  if (refusals.length > 0) return { refusals };
  const obligations = file.obligations.map(({ id, debtor, creditor, amount, currency, dueAt }) => ({
    id, debtor, creditor, amount: parseAmount(amount), unit: currency, ...(dueAt !== undefined && { dueAt }),
  }));
  const kernelRefusals = checkObligations(obligations);
  return kernelRefusals.length === 0 ? { obligations }
    : { refusals: kernelRefusals.map(({ pointer, ...rest }) => ({ pointer: `/obligations${pointer}`, ...rest })) };
}

const unreadable = (detail) => ({ refusal: { pointer: '', code: 'net.file_malformed', detail } });

function textOf(bytes) {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return undefined; }
}

function jsonFile(bytes) {
  const text = textOf(bytes);
  if (text === undefined) return unreadable('the file is not UTF-8');
  let file;
  try { file = JSON.parse(text); } catch (error) { return unreadable(`the file is not JSON: ${error.message}`); }
  if (!isRecord(file) || !Array.isArray(file.obligations)) return unreadable('the file has no list "obligations"');
  return { file };
}

function csvFile(bytes) {
  const text = textOf(bytes);
  if (text === undefined) return unreadable('the file is not UTF-8');
  const { records, line, detail } = csvRecords(text);
  if (detail) return unreadable(`line ${line}: ${detail}`);
  return { file: { obligations: records.map(({ dueAt, ...record }) => (dueAt ? { ...record, dueAt } : record)) } };
}

const isRecord = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function listRefusals(file, name, registered) {
  const list = file[name] ?? [];
  if (!Array.isArray(list)) return [{ pointer: `/${name}`, code: 'net.field_malformed', detail: `${name} is not a list` }];
  return list.flatMap((entry, index) => entryRefusals(entry, name, registered)
    .map(({ field, code, detail }) => ({ pointer: `/${name}/${index}${field && `/${field}`}`, code, detail })));
}

function entryRefusals(entry, name, registered) {
  if (!isRecord(entry)) return [{ field: '', code: 'net.field_malformed', detail: 'not an object' }];
  const { texts, amount } = LISTS[name];
  const fields = [...texts, amount, 'currency'];
  const untyped = fields.flatMap((field) => textRefusal(entry, field));
  if (Object.hasOwn(entry, 'dueAt') && typeof entry.dueAt !== 'string') {
    untyped.push({ field: 'dueAt', code: 'net.field_malformed', detail: 'dueAt is not a string' });
  }
  if (untyped.length > 0) return untyped;
  const refusals = amountRefusal(entry, amount);
  if (!registered.has(entry.currency)) {
    refusals.push({ field: 'currency', code: 'net.currency_unknown', detail: `currency ${JSON.stringify(entry.currency)} is not registered` });
  }
  if (name === 'acceptances' && entry.debtor === entry.creditor) {
    refusals.push({ field: 'creditor', code: 'net.self_acceptance', detail: 'debtor and creditor are the same party' });
  }
  return refusals;
}

function textRefusal(entry, field) {
  if (!Object.hasOwn(entry, field)) return [{ field, code: 'net.field_missing', detail: `${field} is missing` }];
  if (typeof entry[field] !== 'string') {
    return [{ field, code: 'net.field_malformed', detail: `${field} is not a string: ${JSON.stringify(entry[field])}` }];
  }
  return entry[field] === '' ? [{ field, code: 'net.field_missing', detail: `${field} is empty` }] : [];
}

function amountRefusal(entry, field) {
  const text = entry[field];
  const refused = (code, detail) => [{ field, code, detail }];
  if (text === '0' && field === 'limit') return [];
  const amount = parseAmount(text);
  if (amount === undefined) {
    return refused('net.amount_malformed', `${field} ${JSON.stringify(text)} is not a positive whole number of minor units in plain digits`);
  }
  return amount > AMOUNT_MAX ? refused('net.amount_too_large', `${field} ${text} is above 2^63 − 1`) : [];
}
