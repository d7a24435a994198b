import { Injectable } from '@nestjs/common';
import { toBase64url } from '@kula/kernel-crypto';
import { lookupIn } from '@kula/kernel-federation-log';
import { EntryLog, type StoredEntry } from '../log/entry-log.js';

const KEYS_MAX = 4_096;

/** Which public key signed a stored entry. A key of a number never changes, so each is looked up once. */
@Injectable()
export class IssuerKeys {
  /** By the header of the entry, which is fixed text but for the key's name. */
  private readonly keys = new Map<string, string>();

  constructor(private readonly log: EntryLog) {}

  /** Keys of entries in their order, base64url. */
  async of(entries: readonly StoredEntry[]): Promise<string[]> {
    const keys: string[] = [];
    for (const { jws, issuer } of entries) {
      const header = jws.slice(0, jws.indexOf('.'));
      keys.push(this.keys.get(header) ?? await this.lookUp(issuer, header));
    }
    return keys;
  }

  private async lookUp(issuer: string, header: string): Promise<string> {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { readonly kid: string };
    const key = lookupIn(await this.log.scheduleOf(issuer))(kid);
    if (key === undefined) throw new Error(`the log names no key ${kid}`);
    const text = toBase64url(key);
    if (this.keys.size >= KEYS_MAX) this.keys.clear();
    this.keys.set(header, text);
    return text;
  }
}
