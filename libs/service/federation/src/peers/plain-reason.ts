/** Something that failed, as errors of Node, NATS and this service say it. */
interface Said { readonly code: string; readonly text: string }

function saidBy(error: unknown, depth = 0): Said {
  if (!(error instanceof Error)) return { code: '', text: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const cause = error.cause !== undefined && depth < 4 ? saidBy(error.cause, depth + 1) : { code: '', text: '' };
  // What stands behind a general failure says more than the failure.
  return { code: cause.code === '' ? code : cause.code, text: cause.text === '' ? `${error.name}: ${error.message}` : `${error.name}: ${error.message}: ${cause.text}` };
}

/** In order: the first that fits is the reason. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN|EAI_NODATA|getaddrinfo/, 'name not found: the address cannot be looked up'],
  [/ECONNREFUSED|CONNECTION_REFUSED|connection refused/i, 'dial refused: nothing listens at the address, or a firewall says no'],
  [/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/, 'dial refused: there is no way to the address from here'],
  [/ALTNAME_INVALID|Hostname\/IP does not match/i, 'certificate does not match: it is made for another name'],
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'certificate does not match: it has expired'],
  [/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self-signed certificate|unable to verify/i, 'certificate does not match: nobody that this node trusts has signed it'],
  [/EPROTO|ERR_SSL|ERR_TLS|wrong version number|tlsv1|SSL routines/i, 'the two ends do not agree on encryption: one speaks TLS and the other does not, or another version'],
  [/AuthorizationError|UserAuthenticationExpired|Authorization Violation|AUTHORIZATION|authentication expired|authorization/i, 'credentials refused: the peer\'s server does not let this node in; its operator may not have approved the link, or has suspended it'],
  [/PermissionViolation|permissions violation/i, 'credentials refused: the peer\'s server does not allow this node to ask'],
  [/PeerAnswerError: the peer refuses: /, ''],
  [/NoResponders|no responders|\b503\b/i, 'nobody answers: the peer\'s nats-server is there, its federation service is not'],
  [/ETIMEDOUT|TimeoutError|TIMEOUT|aborted due to timeout|AbortError/i, 'no answer in time'],
  [/ECONNRESET|EPIPE|socket hang up|CONNECTION_CLOSED|ClosedConnection|ConnectionError|connection closed/i, 'connection lost'],
];

const LENGTH_MAX = 300;
/** Control characters, which neither a screen nor a log should get from a peer. */
const UNPRINTABLE = /\p{Cc}+/gu;

/** Why a connection to a peer failed, in words for an operator: the reason, then what the machine said. At most 300 characters. */
export function plainReason(error: unknown): string {
  const { code, text } = saidBy(error);
  const [, words = ''] = REASONS.find(([pattern]) => pattern.test(`${code} ${text}`)) ?? [];
  const message = error instanceof Error ? error.message : String(error);
  const detail = message.trim() === '' ? code : message;
  return (words === '' ? detail : `${words} (${detail})`).replace(UNPRINTABLE, ' ').slice(0, LENGTH_MAX);
}
