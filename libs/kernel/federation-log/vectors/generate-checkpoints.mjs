/**
 * Writes the vectors of checkpoints and of the own log after a restore: `node vectors/generate-checkpoints.mjs`. As
 * generate.mjs: fixed keys, no clock, no chance, nothing taken from the sources they test.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkpoints } from './generator/checkpoints.mjs';
import { ownLogWords } from './generator/own-log-words.mjs';
import { NETWORK, north, seeds } from './generator/wire.mjs';

const file = (about, cases) => `${JSON.stringify({ about, net: NETWORK, iss: north.id, seeds: seeds(), cases }, null, 1)}\n`;

/** File name → exact content. */
export const checkpointFiles = () => ({
  'checkpoints.json': file('Checkpoints of iss. log: all entries before the checkpoint; holder: what who has the log finds live, by number, or why it refuses. entries: the snapshot as delivered; receiver: the head and the keys [number, first seq] after it, or the refusal and the index of the entry at fault. known: first seq of each key that the receiver knows, [1] unless given. net: network of the receiver.', checkpoints()),
  'own-log-words.json': file('Verdict on the own log after a start. own: head, and the hashes kept, by seq. words: head that each peer holds of it, null for none.', ownLogWords()),
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(checkpointFiles())) writeFileSync(new URL(name, import.meta.url), content);
}
