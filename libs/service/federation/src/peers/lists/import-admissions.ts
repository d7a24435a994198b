import { Injectable } from '@nestjs/common';
import { federation, plainLine, text } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import { z } from 'zod';
import { OwnNode } from '../../own-node.js';
import { ActOnPeer } from '../act-on-peer.js';
import { AdmitIssuer } from '../admit-issuer.js';
import { readCsv } from '../domain/csv.js';
import { ListMalformedError } from '../domain/peer.errors.js';
import { moved, newPeer, stateAfter } from '../domain/peer.js';
import { PeerDesk } from '../peer-desk.js';
import { ListedNodeRepository, type ListedNode, type Verdict } from './listed-node.repository.js';

type Imported = z.output<typeof federation.importAdmissions.output>;
type Line = Pick<ListedNode, 'nodeId' | 'name' | 'verdict' | 'reason'>;

export const HEADER = ['node_id', 'name', 'verdict', 'reason'] as const;

const lineForm = z.strictObject({
  node_id: federation.listedNode.shape.nodeId, name: plainLine, verdict: federation.listedNode.shape.verdict,
  reason: z.literal('').transform(() => null).or(text(300)),
});

/** Takes in a list of nodes to let in or keep out. */
@Injectable()
export class ImportAdmissions {
  constructor(
    private readonly own: OwnNode, private readonly desk: PeerDesk, private readonly list: ListedNodeRepository,
    private readonly admit: AdmitIssuer, private readonly act: ActOnPeer,
  ) {}

  /** Whole or not at all; with `dryRun` it says what would change. @throws ListMalformedError naming the first line that is wrong. */
  async handle({ csv, dryRun }: z.output<typeof federation.importAdmissions.input>): Promise<Imported> {
    const lines = this.linesIn(csv);
    const take = async (tx: Transaction): Promise<Imported> => {
      const before = new Map((await this.list.all(tx)).map((each) => [each.nodeId, each]));
      const changed = lines.filter((line) => !isSame(line, before.get(line.nodeId)));
      if (!dryRun) for (const line of changed) await this.apply(line, before.get(line.nodeId)?.verdict, tx);
      const added = changed.filter(({ nodeId }) => !before.has(nodeId)).length;
      return {
        dryRun, added, changed: changed.length - added, unchanged: lines.length - changed.length,
        changes: changed.map(({ nodeId, verdict }) => ({ nodeId, from: before.get(nodeId)?.verdict ?? null, to: verdict })),
      };
    };
    return this.desk.together(take);
  }

  private async apply(line: Line, before: Verdict | undefined, tx: Transaction): Promise<void> {
    const { nodeId, name, verdict, reason } = line;
    if (verdict === 'block') {
      await this.desk.changeIn(nodeId, (peer) => {
        const state = stateAfter(peer, 'block');
        return state === undefined || state === 'stranger' ? peer : { ...moved(peer ?? newPeer({ nodeId, name, state }, this.desk.now()), state, this.desk.now()), reason };
      }, tx);
      await this.list.put(line, this.desk.now(), tx);
      return;
    }
    if (before === 'block') await this.act.in({ nodeId, action: 'unblock', reason }, tx);
    await this.admit.admitIn({ nodeId, name }, reason, tx);
  }

  private linesIn(csv: string): readonly Line[] {
    const reading = readCsv(csv);
    if ('line' in reading) throw new ListMalformedError(reading.line, reading.detail);
    const [header, ...rows] = reading.rows;
    if (header?.join() !== HEADER.join()) throw new ListMalformedError(1, `the first line must be ${HEADER.join()}`);
    const seen = new Set<string>();
    // A field may go over several lines: people are told the number of the entry below the header then.
    return rows.map((fields, index) => this.lineOf(fields, index + 2, seen));
  }

  private lineOf(fields: readonly string[], number: number, seen: Set<string>): Line {
    if (fields.length !== HEADER.length) throw new ListMalformedError(number, `has ${fields.length} fields in place of ${HEADER.length}`);
    const parsed = lineForm.safeParse(Object.fromEntries(HEADER.map((name, at) => [name, fields[at]])));
    if (!parsed.success) throw new ListMalformedError(number, `${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
    const { node_id: nodeId, name, verdict, reason } = parsed.data;
    if (nodeId === this.own.nodeId) throw new ListMalformedError(number, 'names this node itself');
    if (seen.has(nodeId)) throw new ListMalformedError(number, 'names a node a second time');
    seen.add(nodeId);
    return { nodeId, name, verdict, reason };
  }
}

const isSame = (line: Line, listed: ListedNode | undefined): boolean =>
  listed !== undefined && line.name === listed.name && line.verdict === listed.verdict && line.reason === listed.reason;
