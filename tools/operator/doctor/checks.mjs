/**
 * What the doctor looks at. Each check answers findings: { isWell, text, remedy }; `isWell` null is a note that is neither.
 *
 * None of them throws for a node that is ill: that is what they are for.
 */
import { X509Certificate } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { placesOf } from '../node-folder.mjs';
import { textOf } from '../private-files.mjs';
import { CLOCK_REMEDY, linkRemedy, STATE_REMEDIES } from './remedies.mjs';

const ANSWER_MS_MAX = 10_000;
/** Clocks that differ by less are as good as equal: the way of the answer is not known. */
const CLOCK_SECONDS = 5;
const LATE_SECONDS = 60;
const EXPIRY_DAYS = 30;
const DISK_SHARE_MIN = 0.1;
const DAY_MS = 86_400_000;

const well = (text) => ({ isWell: true, text });
const ill = (text, remedy) => ({ isWell: false, text, remedy });
const note = (text) => ({ isWell: null, text });

const span = (seconds) => (seconds < 120 ? `${Math.round(seconds)} s` : seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`);

/** What a node says of itself, with the time it took and how far its clock is from ours; undefined where it says nothing. */
async function statusOf(url) {
  const beganMs = Date.now();
  try {
    const response = await fetch(`${url}/v1/status`, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const [endedMs, status] = [Date.now(), await response.json()];
    if (!response.ok || typeof status.at !== 'string') return { problem: `status ${response.status}${status.detail ? `: ${status.detail}` : ''}` };
    // Its clock was read somewhere between asking and hearing.
    return { status, aheadSeconds: (Date.parse(status.at) - (beganMs + endedMs) / 2) / 1_000 };
  } catch (error) {
    return { problem: error.cause?.message ?? error.message };
  }
}

function clockFinding(whose, aheadSeconds) {
  const off = Math.abs(aheadSeconds);
  if (off <= CLOCK_SECONDS) return well(`The clock of ${whose} agrees with this one.`);
  return ill(`The clock of ${whose} is ${span(off)} ${aheadSeconds > 0 ? 'ahead of' : 'behind'} this one.`, CLOCK_REMEDY);
}

function stateFinding({ name, state, sentence, backlog }) {
  const waiting = backlog.entries === 0 ? 'Nothing waits.' : `${backlog.entries} entries wait, the oldest for ${span(backlog.oldestSeconds)}.`;
  return state === 'working' ? well(`${name} works. ${waiting}`) : ill(`${name} is ${state}: ${sentence} ${waiting}`, STATE_REMEDIES[state] ?? 'Update this tool: it does not know that state.');
}

/** What can be seen without signing in. `isReached` says whether the rest is worth asking. */
export async function publicChecks(url) {
  const ready = await fetch(`${url}/readyz`, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX) }).then((response) => response.json(), (error) => ({ unreached: error.cause?.message ?? error.message }));
  if (ready.unreached !== undefined) {
    return { isReached: false, findings: [ill(`The gateway at ${url} cannot be reached: ${ready.unreached}`, 'Is the node running (docker compose ps), and is the address right?')] };
  }
  const lacking = (ready.checks ?? []).filter(({ isReady }) => !isReady).map(({ name, reason }) => `${name} (${reason})`);
  const gateway = lacking.length === 0 ? well(`The gateway answers at ${url}.`) : ill(`The gateway lacks ${lacking.join(', ')}.`, 'Look at the logs of what it lacks.');
  const { status, aheadSeconds, problem } = await statusOf(url);
  if (status === undefined) return { isReached: true, findings: [gateway, ill(`The federation service does not say how it does: ${problem}`, 'Is it running? Its log says why not.')] };
  return { isReached: true, findings: [gateway, clockFinding('the gateway', aheadSeconds), stateFinding(status)] };
}

/** The log of the node: whether it signs, who is frozen, what is stuck. Public. */
export async function logChecks(gateway) {
  const { status, answer } = await gateway.send('GET', '/v1/federation');
  if (status !== 200) return [];
  const frozen = answer.heads.filter(({ agreedUpTo }) => agreedUpTo !== null);
  return [
    answer.sealing?.isAllowed === false ? ill(`Nothing is signed: ${answer.sealing.reason}.`, STATE_REMEDIES.waiting) : well('The node signs.'),
    frozen.length === 0 ? well('No issuer is frozen.') : ill(`Frozen, because they have contradicted themselves: ${frozen.map(({ issuer }) => issuer).join(', ')}.`, linkRemedy('contradicted itself')),
    answer.setAside === 0 ? well('No draft was set aside.') : ill(`${answer.setAside} drafts cannot be sealed.`, 'Table federation.set_aside_draft says why each: it is a bug of a service; report it.'),
  ];
}

function connectionFinding(name, { state, attempts, lastError, reconnects }) {
  if (state === 'following') return well(`${name}: connected${reconnects > 0 ? `, ${reconnects} times anew` : ''}.`);
  if (attempts > 0) return ill(`${name}: not connected after ${attempts} attempts: ${lastError ?? 'no reason known'}`, linkRemedy(lastError));
  return note(`${name}: no connection is made from here.`);
}

function linkFindings({ name, state, link, behind, delivered }) {
  if (state !== 'linked' && state !== 'draining') return [note(`${name}: ${state}.`)];
  const findings = [connectionFinding(name, link)];
  if ((behind.entries ?? 0) > 0) findings.push(ill(`${name}: ${behind.entries} of its entries are not here.`, 'They are fetched by themselves while it is connected; if the number stays, its log has a gap that nobody fills.'));
  if ((delivered.seconds ?? 0) > LATE_SECONDS) findings.push(ill(`${name}: lacks ${delivered.missing} entries of this node, the oldest for ${span(delivered.seconds)}.`, 'It pulls them when it can reach this node: ask its operator how its link to you does.'));
  return findings;
}

/** Every peer: its link, what is lacking on either side, and its clock. For the operator. */
export async function peerChecks(gateway) {
  const peers = await gateway.all('/v1/peers');
  const findings = peers.flatMap(linkFindings);
  const clocks = await Promise.all(peers.filter(({ gatewayUrl, state }) => gatewayUrl !== null && state === 'linked').map(async ({ name, gatewayUrl }) => {
    const { status, aheadSeconds, problem } = await statusOf(gatewayUrl);
    return status === undefined ? note(`${name}: its gateway does not say how it does (${problem}).`) : clockFinding(name, aheadSeconds);
  }));
  return [...findings, ...clocks];
}

/** The certificate that peers check the nats-server by. */
export function certificateFinding(pem, nowMs) {
  const { validTo, subjectAltName } = new X509Certificate(pem);
  const days = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
  if (days >= EXPIRY_DAYS) return well(`The certificate of the link (${subjectAltName ?? 'no name'}) holds for ${days} days.`);
  return ill(days < 0 ? `The certificate of the link expired ${-days} days ago: no peer can connect.` : `The certificate of the link expires in ${days} days.`, 'Put a new cert.pem and key.pem into the folder link of the node, restart its nats-server, and have peers that pin it ask for the link again.');
}

/** How full the disk is under a folder. */
export function diskFinding(folder, { bavail, blocks, bsize }) {
  const share = bavail / blocks;
  const text = `${Math.round(share * 100)} % of the disk under ${folder} is free (${Math.round((bavail * bsize) / 2 ** 30)} GiB).`;
  return share >= DISK_SHARE_MIN ? well(text) : ill(text, 'Make room: a node whose disk is full signs nothing.');
}

/** The folder of the node on this machine: its certificate and its disk. @throws SetupError where it is none. */
export function folderChecks(folder, nowMs) {
  const places = placesOf(folder);
  const node = JSON.parse(textOf(places.node));
  const certificate = node.tls === 'none' ? note('The link has no certificate here (--tls none).') : certificateFinding(textOf(places.linkCertificate), nowMs);
  return [certificate, ...[places.streams, places.postgres].map((place) => diskFinding(place, statfsSync(place)))];
}

/** The streams and the database, as the process that measures them says. */
export async function sizeChecks(metricsUrl) {
  try {
    const text = await (await fetch(metricsUrl, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })).text();
    const sizes = [...text.matchAll(/^kula_federation_(?:stream|database)_bytes\{(.*)\} (\S+)$/gm)];
    if (sizes.length === 0) return [ill(`${metricsUrl} says nothing about the federation service.`, 'Name the port for metrics (KULA_METRICS_PORT) of the process that runs it.')];
    return sizes.map(([, labels, bytes]) => note(`${/stream="(\w+)"/.exec(labels)?.[1] ?? 'The database'}: ${(Number(bytes) / 2 ** 20).toFixed(1)} MiB.`));
  } catch (error) {
    return [ill(`${metricsUrl} cannot be reached: ${error.cause?.message ?? error.message}`, 'It is for the inside of the machine or cluster: run the doctor there, or leave --metrics out.')];
  }
}
