/** What to do about what the doctor finds. */

/** In order: the first that fits the plain reason of a link. The reasons are those of the federation service. */
const LINK_REMEDIES = [
  [/^name not found/, 'Check the address of the peer for a slip of the pen, and the name servers of this machine.'],
  [/^dial refused/, 'Ask the operator of the peer whether its nats-server runs and its firewall lets you in; nothing has to be done here once it does.'],
  [/^certificate does not match: it has expired/, 'The peer has to renew its certificate.'],
  [/^certificate does not match/, 'The peer has another certificate than you were told: ask its operator, then ask for the link again to get the new one.'],
  [/encryption/, 'One of the two addresses says tls:// and the other server has none: compare them with the operator of the peer.'],
  [/^credentials refused/, 'Ask the operator of the peer to approve the link, or whether it is suspended.'],
  [/^nobody answers/, 'The federation service of the peer is down: tell its operator.'],
  [/contradicted itself/, 'The peer has signed two different logs. Read GET /v1/equivocations, talk to its operator, then release it or block it.'],
  [/./, 'Wait a minute; then "npm run -s peers -- retry PEER", and if that does not help talk to the operator of the peer.'],
];

/** What to do about a link that fails for a reason; the reason may be missing. */
export const linkRemedy = (reason) => LINK_REMEDIES.find(([pattern]) => pattern.test(reason || 'unknown'))[1];

/** What to do about the state of a node. */
export const STATE_REMEDIES = {
  behind: 'See the peers below. What waits here is sent by itself once they are reached.',
  waiting: 'Usually over in a minute. Where it stays: peers have to be reached, or, if you are sure that they hold nothing more of this node\'s log, confirm it (POST /v1/federation/confirmation).',
  stopped: 'Do not delete anything. Read "after a restore" in deploy/README.md: the database and the stream for peers do not agree.',
};

export const CLOCK_REMEDY = 'Run a time service (chrony, systemd-timesyncd) on the machine whose clock is wrong: entries that are more than five minutes ahead are not taken.';
