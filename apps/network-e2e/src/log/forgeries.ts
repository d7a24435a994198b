import type { Delivered, ScriptedEntry, ScriptedLog } from '@kula/testing-dev-network';

/** An entry as it is delivered. */
export const delivered = (log: ScriptedLog, { jws, topic }: Pick<ScriptedEntry, 'jws' | 'topic'>): Delivered => ({ jws, topic, issuer: log.nodeId });

/** Other content under a signature that was made for what was there. */
export function altered(jws: string): string {
  const [header, payload = '', signature] = jws.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'altered' })).toString('base64url')}.${signature}`;
}

/** An entry of which the end was lost on the way. */
export const truncated = (jws: string): string => jws.slice(0, Math.floor(jws.length / 2));

/** The notes of all entries of a log. */
export const notesOf = ({ entries }: ScriptedLog): string[] => entries.map(({ note }) => note);

/** Messages doubled, and put out of order inside windows of so many. */
export function shuffled(messages: readonly Delivered[], window: number, random: (below: number) => number): Delivered[] {
  const out: Delivered[] = [];
  for (let from = 0; from < messages.length; from += window) {
    const part = messages.slice(from, from + window).flatMap((message) => [message, message]);
    for (let index = part.length - 1; index > 0; index -= 1) {
      const other = random(index + 1);
      [part[index], part[other]] = [part[other]!, part[index]!];
    }
    out.push(...part);
  }
  return out;
}
