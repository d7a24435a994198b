import { Injectable } from '@nestjs/common';
import { PEER_API, proofAnswer } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import { DataSource } from 'typeorm';
import type { PeerSession } from '../link/peer-session.js';
import { PeerSessions } from '../link/peer-sessions.js';
import { KeepAccusation, type Accusation } from './keep-accusation.js';

/** Accusations whose proof has to be asked for: so many of one finder, and for so long. */
const PER_FINDER_MAX = 20;
const DAYS_MAX = 30;

interface Row { finder: string; seq: string; accused: string }

/** Asks for proofs that were too large for an entry, of the finder first, then of whoever is connected. */
@Injectable()
export class AwaitedProofs {
  constructor(private readonly dataSource: DataSource, private readonly sessions: PeerSessions, private readonly keepAccusation: KeepAccusation) {}

  /** Remembers to ask. Beyond the bound the newest of a finder is left out: it has more to show than anybody can have found. */
  async add({ finder, seq, accused }: Pick<Accusation, 'finder' | 'seq' | 'accused'>, tx: Transaction): Promise<void> {
    await tx.query(
      `INSERT INTO awaited_proof (finder, seq, accused) SELECT $1, $2, $3 WHERE (SELECT count(*) FROM awaited_proof WHERE finder = $1) < ${PER_FINDER_MAX}
       ON CONFLICT DO NOTHING`, [finder, seq, accused],
    );
  }

  /** Asks once for everything that is awaited. */
  async askAgain(): Promise<void> {
    await this.dataSource.query(`DELETE FROM awaited_proof WHERE since < now() - interval '${DAYS_MAX} days'`);
    const rows = await this.dataSource.query<Row[]>('SELECT finder, seq, accused FROM awaited_proof ORDER BY since, finder, seq');
    for (const { finder, seq, accused } of rows) {
      const proof = await this.ask(finder, accused);
      if (proof !== undefined) await this.judge({ finder, seq: Number(seq), accused, proof });
    }
  }

  private async judge(accusation: Accusation): Promise<void> {
    await this.keepAccusation.handle(accusation, async (outcome, tx) => {
      if (outcome !== 'awaited') await tx.query('DELETE FROM awaited_proof WHERE finder = $1 AND seq = $2', [accusation.finder, accusation.seq]);
    });
  }

  private async ask(finder: string, issuer: string): Promise<object | undefined> {
    const ofFinder = this.sessions.of(finder);
    for (const session of ofFinder === undefined ? this.sessions.all() : [ofFinder, ...this.sessions.all()]) {
      const proof = await givenBy(session, issuer);
      if (proof !== undefined) return proof;
    }
    return undefined;
  }
}

/** The proof a peer gives; undefined where it gives none or no answer: the next peer is asked, and all again later. */
async function givenBy(session: PeerSession, issuer: string): Promise<object | undefined> {
  try {
    return (await session.ask(PEER_API.proof, { issuer }, proofAnswer)).proof ?? undefined;
  } catch {
    return undefined;
  }
}
