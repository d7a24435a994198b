/**
 * Writes the vectors of the federation log: `node vectors/generate.mjs`. Fixed keys, no clock, no chance: the files are
 * the same on every run. Independent of the sources they test.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invalidEntries, validEntries } from './generator/entries.mjs';
import { batches, heads, proofs, verdicts } from './generator/logs.mjs';
import { keySchedules, keySeeds } from './generator/keys.mjs';
import { NETWORK, seeds } from './generator/wire.mjs';

const file = (about, cases, used = seeds()) => `${JSON.stringify({ about, net: NETWORK, seeds: used, cases }, null, 1)}\n`;

/** File name → exact content. */
export const vectorFiles = () => ({
  'valid-entries.json': file('Entries that open: hash and payload. Where isCanonical, sealing the payload gives the same bytes.', validEntries()),
  'invalid-entries.json': file('Entries that are refused, with the code.', invalidEntries()),
  'verdicts.json': file('The verdict on an entry that arrives at a log. storedFrom: sequence number of the first stored entry, 1 unless given.', verdicts()),
  'batches.json': file('Outcome of a batch: entries appended, head, and where it stopped. expectEach: where verifying one by one differs. coveredOnly: entries that an audit finds covered by a later signature alone.', batches()),
  'key-schedules.json': file('Logs across changes of keys. The stored entries have been accepted from the first one on; then come the others. Keys and commitment after them, and where it stopped.', keySchedules(), keySeeds()),
  'heads.json': file('Two head vectors compared. hashes: what we hold below our head, by <issuer>:<seq>.', heads()),
  'equivocation-proofs.json': file('Proofs, sound and not.', proofs()),
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(vectorFiles())) writeFileSync(new URL(name, import.meta.url), content);
}
