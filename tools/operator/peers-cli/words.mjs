/** Answers of the gateway as people read them. */

const orDash = (value) => (value === null || value === undefined ? '-' : String(value));

/** 5 s, 12 min, 3 h, 2 d. */
export function duration(seconds) {
  if (seconds === null) return '-';
  const [, size, unit] = [[86_400, 86_400, 'd'], [3_600, 3_600, 'h'], [60, 60, 'min'], [0, 1, 's']].find(([least]) => seconds >= least);
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Rows under headings, each column as wide as its widest cell. */
export function table(headings, rows) {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column].length)));
  return [headings, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}

const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

const troubleOf = ({ name, link }) => (link.lastError === null ? [] : [`${name}: ${link.lastError}${link.attempts > 0 ? ` (${counted(link.attempts, 'attempt', 'attempts')})` : ''}`]);

export function peersTable(peers) {
  if (peers.length === 0) return 'This node has no peers. "add URL" asks one for a link.';
  const rows = peers.map(({ name, state, link, behind, delivered, received, refused, nodeId }) =>
    [name, state, link.state, orDash(behind.entries), orDash(delivered.missing), String(received), String(refused), nodeId]);
  const trouble = peers.flatMap(troubleOf);
  const asking = peers.filter(({ state }) => state === 'asking').map(({ name }) => `${name} asks for a link: "approve ${name}" or "decline ${name}".`);
  return [table(['NAME', 'STATE', 'LINK', 'WE LACK', 'IT LACKS', 'RECEIVED', 'REFUSED', 'NODE'], rows), ...(trouble.length > 0 ? ['', ...trouble] : []), ...(asking.length > 0 ? ['', ...asking] : [])].join('\n');
}

/** What comes next, by state. */
const NEXT = {
  asked: 'Its operator decides now. Tell them; this node hears of it by itself.', asking: 'It has asked for a link: approve or decline.',
  linked: 'Both agree.', paused: 'Nothing is read from it for now.', draining: 'What is open is finished, nothing new is begun.',
  suspended: 'There is no connection either way; what is held is kept.', blocked: 'Nothing of it is heard.', declined: 'There is no link.',
};

export const peerLine = ({ name, nodeId, state }) => `${name} (${nodeId}) is ${state}. ${NEXT[state] ?? ''}`.trimEnd();

export function peerText(peer) {
  const { link, behind, delivered } = peer;
  const lines = [
    ['node', peer.nodeId], ['gateway', orDash(peer.gatewayUrl)], ['nats', `${orDash(peer.natsUrl)}${peer.isEncrypted ? ' (TLS)' : ''}`], ['reads', peer.view === 'all' ? 'every log it holds' : 'its own log'],
    ['reason', orDash(peer.reason)], ['changed', peer.changedAt], ['link', `${link.state}${link.since === null ? '' : ` since ${link.since}`}, connected again ${counted(link.reconnects, 'time', 'times')}`],
    ['last error', link.lastError === null ? '-' : `${link.lastError} (${link.lastErrorAt}, ${counted(link.attempts, 'attempt', 'attempts')})`], ['next attempt', orDash(link.nextAttemptAt)],
    ['we lack', behind.entries === null ? 'not known' : counted(behind.entries, 'entry', 'entries')],
    ['it lacks', delivered.missing === null ? 'not known' : `${counted(delivered.missing, 'entry', 'entries')}, the oldest ${duration(delivered.seconds)} old`],
    ['received', String(peer.received)], ['refused', String(peer.refused)],
  ];
  return [peerLine(peer), ...lines.map(([what, value]) => `  ${what.padEnd(12)}  ${value}`)].join('\n');
}

export function impactText({ name, items, unanswered, isReversible }) {
  const found = items.flatMap(({ sentence, examples }) => [`  ${sentence}`, ...(examples.length > 0 ? [`    such as ${examples.join(', ')}`] : [])]);
  return [
    `If ${name} is cut off:`, ...(found.length > 0 ? found : ['  nothing of this node is bound up with it.']),
    ...(unanswered.length > 0 ? [`  Not counted, because they did not answer: ${unanswered.join(', ')}.`] : []),
    isReversible ? 'It can be taken back with "undo". Nothing was changed now.' : 'It cannot be taken back. Nothing was changed now.',
  ].join('\n');
}

export function importText({ dryRun, added, changed, unchanged, changes }) {
  const rows = changes.map(({ nodeId, from, to }) => `  ${nodeId}  ${from ?? 'not listed'} -> ${to}`);
  const sum = `${added} added, ${changed} changed, ${unchanged} as they were.`;
  return [...rows, dryRun ? `${sum} Nothing was changed: repeat it with --apply.` : sum].join('\n');
}
