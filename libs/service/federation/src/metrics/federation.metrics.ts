import { counter, gauge, histogram } from '@kula/platform-runtime';

/** Labels with the id of a peer or of an issuer that people have let in: as many as are shown, whatever comes. */
const PEERS_MAX = 500;
const ISSUERS_MAX = 1_000;
/** Codes of refusals: constants of the code. */
const CODES_MAX = 64;

export const LINK_STATES = ['connecting', 'opening', 'following', 'waiting', 'stopped'] as const;

export const LINK_STATE = gauge({ name: 'kula_federation_link_state', help: 'The state of the link to a peer: 1 for the one it is in, 0 for the others.', labels: { peer: PEERS_MAX, state: LINK_STATES } });
export const LINK_FAILURES = gauge({ name: 'kula_federation_link_failed_attempts', help: 'Attempts in a row at connecting to a peer that failed; 0 while it is followed.', labels: { peer: PEERS_MAX } });
export const LINK_RECONNECTS = counter({ name: 'kula_federation_link_reconnects_total', help: 'Times that a peer was followed again after its connection had ended.', labels: { peer: PEERS_MAX } });
export const PEER_HEARD = gauge({ name: 'kula_federation_peer_heard_seconds', help: 'Time since a peer last said what it holds; it is asked every half minute.', labels: { peer: PEERS_MAX } });
export const BEHIND_ENTRIES = gauge({ name: 'kula_federation_behind_entries', help: 'Entries that a peer says its log has and that are not here.', labels: { peer: PEERS_MAX } });
export const BEHIND_AGE = gauge({ name: 'kula_federation_behind_seconds', help: 'For how long at least the oldest of the entries of a peer that are not here has been lacking; 0 where none is.', labels: { peer: PEERS_MAX } });
export const UNDELIVERED_ENTRIES = gauge({ name: 'kula_federation_undelivered_entries', help: 'Entries of the own log that a peer has not said it holds.', labels: { peer: PEERS_MAX } });
export const UNDELIVERED_AGE = gauge({ name: 'kula_federation_undelivered_seconds', help: 'Age of the oldest entry of the own log that a peer has not said it holds; 0 where there is none.', labels: { peer: PEERS_MAX } });
export const RECEIVED_ENTRIES = counter({ name: 'kula_federation_received_entries_total', help: 'Entries that a peer delivered and that were stored.', labels: { peer: PEERS_MAX } });
export const RECEIVED_BYTES = counter({ name: 'kula_federation_received_bytes_total', help: 'Signed bytes of the entries that a peer delivered and that were stored.', labels: { peer: PEERS_MAX } });
export const REFUSED_ARRIVALS = counter({ name: 'kula_federation_refused_arrivals_total', help: 'Entries that a peer delivered and that were refused or passed over, by the code of the reason.', labels: { peer: PEERS_MAX, code: CODES_MAX } });

export const ISSUER_HEAD = gauge({ name: 'kula_federation_log_head', help: 'Number of the last entry held of an issuer.', labels: { issuer: ISSUERS_MAX } });
export const ISSUER_ENTRIES = counter({ name: 'kula_federation_log_entries_total', help: 'Entries of an issuer that were ever stored.', labels: { issuer: ISSUERS_MAX } });
export const ISSUER_BYTES = counter({ name: 'kula_federation_log_bytes_total', help: 'Signed bytes of the entries of an issuer that were ever stored.', labels: { issuer: ISSUERS_MAX } });
export const ISSUER_LAST_SEALED = gauge({ name: 'kula_federation_issuer_last_sealed_timestamp_seconds', help: 'When the last entry of an issuer was sealed, by its own clock.', labels: { issuer: ISSUERS_MAX } });
export const ISSUER_SKEW = gauge({ name: 'kula_federation_issuer_skew_seconds', help: 'Time of the last entry of an issuer, by its clock, less the time at which it was stored: above 0 its clock is ahead, below 0 it was on its way.', labels: { issuer: ISSUERS_MAX } });
export const ISSUER_FROZEN = gauge({ name: 'kula_federation_issuer_frozen', help: 'Whether the log of an issuer is frozen because it has contradicted itself: 1 until people decide.', labels: { issuer: ISSUERS_MAX } });
export const ISSUERS_PARKED = gauge({ name: 'kula_federation_parked_issuers', help: 'Issuers of which nothing is taken for a while, by the code of the reason.', labels: { code: CODES_MAX } });

export const STREAM_BYTES = gauge({ name: 'kula_federation_stream_bytes', help: 'Size of a stream of the node on the disk of the nats-server.', labels: { stream: ['FEDLOG', 'FEDOUT', 'FEDIN', 'EVT'] } });
export const TABLE_BYTES = gauge({ name: 'kula_federation_database_bytes', help: 'Size of the database of the node, with every schema in it.' });
export const DRAFTS_UNSEALED = gauge({ name: 'kula_federation_unsealed_drafts', help: 'Drafts of the services that wait to be sealed.' });
export const DRAFTS_AGE = gauge({ name: 'kula_federation_unsealed_seconds', help: 'Age of the oldest draft that waits to be sealed; 0 where there is none.' });
export const DRAFTS_SET_ASIDE = gauge({ name: 'kula_federation_set_aside_drafts', help: 'Drafts that cannot be sealed, kept with the reason.' });
export const ENTRIES_UNPUBLISHED = gauge({ name: 'kula_federation_unpublished_entries', help: 'Entries stored that are not in the stream for peers yet.' });
export const ENTRIES_NOT_HANDED = gauge({ name: 'kula_federation_not_handed_over_entries', help: 'Entries stored that the services of the node have not been given yet.' });
export const SEALING_HELD = gauge({ name: 'kula_federation_sealing_held', help: 'Whether this node signs nothing for now: 1 while it does not, and the status says why.' });
export const LOG_FAULT = gauge({ name: 'kula_federation_log_fault', help: 'Whether nothing is sealed, taken in or published until somebody helps: 1 while that is so, and the status says why.' });

export const PEER_REQUESTS = counter({ name: 'kula_federation_peer_requests_total', help: 'Requests of peers, by verb and by what became of them.', labels: { verb: ['open', 'range', 'ask', 'heads', 'proof', 'snapshot'], outcome: ['given', 'refused', 'failed', 'too_many'] } });
export const ADMISSIONS = counter({ name: 'kula_federation_admissions_total', help: 'Decisions about connections to the nats-server, before the proof of the key is checked.', labels: { decision: ['admitted', 'unknown_key', 'not_linked', 'without_tls'] } });
export const SEAL_DURATION = histogram({ name: 'kula_federation_seal_duration_seconds', help: 'How long it took to seal and store a batch of drafts.' });
export const ACCEPT_DURATION = histogram({ name: 'kula_federation_accept_duration_seconds', help: 'How long it took to check and store entries that were delivered together.' });

/** Everything that is read from the state. */
export const STATE_METRICS = [
  LINK_STATE, LINK_FAILURES, LINK_RECONNECTS, PEER_HEARD, BEHIND_ENTRIES, BEHIND_AGE, UNDELIVERED_ENTRIES, UNDELIVERED_AGE, RECEIVED_ENTRIES, RECEIVED_BYTES,
  REFUSED_ARRIVALS, ISSUER_HEAD, ISSUER_ENTRIES, ISSUER_BYTES, ISSUER_LAST_SEALED, ISSUER_SKEW, ISSUER_FROZEN, ISSUERS_PARKED, TABLE_BYTES,
  DRAFTS_UNSEALED, DRAFTS_AGE, DRAFTS_SET_ASIDE, ENTRIES_UNPUBLISHED, ENTRIES_NOT_HANDED, SEALING_HELD, LOG_FAULT,
] as const;

export const FEDERATION_METRICS = [...STATE_METRICS, STREAM_BYTES, PEER_REQUESTS, ADMISSIONS, SEAL_DURATION, ACCEPT_DURATION] as const;
