import { randomBytes, sign, verify, createPrivateKey, createPublicKey } from 'node:crypto';
import { nodeEd25519 } from '@kula/platform-runtime';
import { openEntry, sealEntry, firstKey, GENESIS_PREVIOUS } from '@kula/kernel-federation-log';
import { nodeIdOfKey } from '@kula/kernel-crypto';
import { short, type Measured } from '../measure.js';

const ROUNDS = 2_000;

/** Microseconds of CPU per call. */
function cpuMicros(work: () => void): number {
  for (let i = 0; i < 200; i += 1) work();
  const from = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i += 1) work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / ROUNDS;
}

/** Sealing and opening one entry of about 1.5 KB against the bare signature of Node's crypto. */
export async function signatures(): Promise<Measured> {
  const privateKey = randomBytes(32);
  const iss = nodeIdOfKey(nodeEd25519.publicKey(privateKey));
  const kid = `${iss}#1`;
  const payload = {
    v: 1 as const, net: 'bench', iss, seq: 1, prev: GENESIS_PREVIOUS, topic: 'graph', type: 'bench', sub: 'bench', ts: 1_767_225_600_000, body: { text: 'x'.repeat(800) },
  };
  const sealed = sealEntry(nodeEd25519, privateKey, kid, payload);
  if (!('jws' in sealed)) throw new Error(`the bench entry is refused: ${JSON.stringify(sealed)}`);
  const seal = cpuMicros(() => { sealEntry(nodeEd25519, privateKey, kid, payload); });
  const open = cpuMicros(() => { openEntry(nodeEd25519, sealed.jws, firstKey, { net: 'bench' }); });
  const message = Buffer.from(sealed.jws);
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), privateKey]), format: 'der', type: 'pkcs8' });
  const signature = sign(null, message, key);
  const publicKey = createPublicKey(key);
  const rawSign = cpuMicros(() => { sign(null, message, key); });
  const rawVerify = cpuMicros(() => { verify(null, message, publicKey, signature); });
  return {
    name: 'signatures',
    rows: [
      { what: `sealing an entry of ${message.length} bytes`, figure: `${short(seal)} µs CPU`, against: `${short(seal / rawSign)} × the bare signature (${short(rawSign)} µs)` },
      { what: 'opening it: signature, then everything else', figure: `${short(open)} µs CPU`, against: `${short(open / rawVerify)} × the bare check (${short(rawVerify)} µs)` },
    ],
    numbers: { sealMicros: seal, openMicros: open, signMicros: rawSign, verifyMicros: rawVerify },
  };
}
