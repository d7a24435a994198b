/** What a machine said stands in brackets behind the reason: it names addresses. */
const MACHINE_WORDS = /\s*\([^]*$/;

/** Addresses and keys, wherever they stand: URLs, IP addresses, hosts with a port, seeds of NKeys, files, PEM. */
const TELLING = [
  /-----BEGIN[^]*/g, /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, /\[?\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,}\]?(?::\d+)?/gi,
  /\b[\w-]+(?:\.[\w-]+)*:\d{2,5}\b/g, /\bS[A-Z2-7]{20,}\b/g, /(?<!\w)\/(?:[\w.-]+\/)+[\w.-]*/g,
];

/** A reason as anybody may read it: what happened, without where and with which key. */
export function publicReason(reason: string): string;
export function publicReason(reason: string | null): string | null;
export function publicReason(reason: string | null): string | null {
  if (reason === null) return null;
  const words = TELLING.reduce((text, pattern) => text.replace(pattern, '…'), reason.replace(MACHINE_WORDS, '')).trim();
  return words === '' || words === '…' ? 'something failed; the operator sees what' : words;
}
