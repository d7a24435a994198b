import type { NodeKnowledge, ChainKnowledge, Stage } from '@kula/testing-story';

/** What must be equal at every node, as one comparable text. */
const comparable = ({ heads, participants, networkListings, agreement, clearing }: NodeKnowledge) =>
  JSON.stringify({ heads, participants, networkListings, agreement, clearing });

/** Names of chains that two nodes know in different states. */
function contradictions(chains: readonly ChainKnowledge[]): string[] {
  const states = new Map<string, Set<string>>();
  for (const { chains: known } of chains) for (const [id, state] of Object.entries(known)) states.set(id, (states.get(id) ?? new Set()).add(state));
  return [...states].filter(([, found]) => found.size > 1).map(([id, found]) => `${id}: ${[...found].join(' and ')}`);
}

/** Prints what each node knows. Answers whether it is equal where it must be. */
export function printSummary(knowledge: readonly NodeKnowledge[], chains: readonly ChainKnowledge[], write: (line: string) => void): boolean {
  write('\nWhat each node knows\n');
  for (const [index, known] of knowledge.entries()) {
    const entries = Object.values(known.heads).reduce((sum, head) => sum + Number(head.split(':')[0]), 0);
    const states = Object.values(chains[index]?.chains ?? {});
    write(`   ${known.node.padEnd(10)}  ${entries} log entries of ${Object.keys(known.heads).length} issuers, ${known.participants} members, ${known.networkListings} listings, chains: ${states.length} (${[...new Set(states)].join(', ') || 'none'}), agreement ${known.agreement}, clearing ${known.clearing.state}, ${known.clearing.netTotal} remain`);
  }
  const isEqual = new Set(knowledge.map(comparable)).size === 1;
  const conflicts = contradictions(chains);
  write(isEqual ? '   Equal at every node: log heads, members, listings, agreement, clearing result.' : '   NOT EQUAL: the nodes contradict each other.');
  for (const conflict of conflicts) write(`   NOT EQUAL: chain ${conflict}`);
  return isEqual && conflicts.length === 0;
}

/** Prints where to look and what to try next. */
export function printAddresses({ cast }: Stage, write: (line: string) => void): void {
  write('\nThree nodes are up. Press Ctrl-C to stop; npm start goes on where it stopped.\n');
  for (const node of cast.nodes) write(`   ${node.title.padEnd(10)}  ${node.gatewayUrl}   API: ${node.gatewayUrl}/docs`);
  write('\nTest logins: every member and cooperative of the dataset, by its key');
  write(`   members       ${cast.members.slice(0, 14).map(({ key }) => key).join(', ')}`);
  write(`   cooperatives  ${cast.cooperatives.map(({ key }) => key).join(', ')}`);
  const [member] = cast.members;
  const [node] = cast.nodes;
  if (member === undefined || node === undefined) return;
  write('\nTry');
  write(`   curl -s ${node.gatewayUrl}/v1/federation`);
  write(`   curl -s ${member.node.gatewayUrl}/v1/chains -H "Authorization: Bearer $(npm run -s token -- ${member.key})"`);
  write(`   curl -s ${member.node.gatewayUrl}/v1/rings -H "Authorization: Bearer $(npm run -s token -- ${member.key})"`);
}
