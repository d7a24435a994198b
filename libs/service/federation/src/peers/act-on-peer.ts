import { Injectable } from '@nestjs/common';
import type { federation } from '@kula/contracts';
import type { Transaction } from '@kula/platform-persistence';
import type { z } from 'zod';
import { moved, stateAfter, type PeerRecord } from './domain/peer.js';
import { PeerActionImpossibleError, PeerUnknownError } from './domain/peer.errors.js';
import type { PeerEvent } from './domain/peer.transitions.js';
import { StatementCourier } from './handshake/statement-courier.js';
import { withLinkKey } from './handshake/link-keys.js';
import { PeerDesk } from './peer-desk.js';

type Act = z.output<typeof federation.actOnPeer.input>;
type Action = Act['action'];

/** Actions that are one event of the table of states. */
const EVENTS = {
  approve: 'approve', decline: 'decline', pause: 'pause', drain: 'drain', suspend: 'suspend', resume: 'resume', block: 'block', forget: 'forget',
} as const satisfies Partial<Record<Action, PeerEvent>>;

const isEvent = (action: Action): action is keyof typeof EVENTS => action in EVENTS;

/** Does what an operator wants done to a peer. */
@Injectable()
export class ActOnPeer {
  constructor(private readonly desk: PeerDesk, private readonly courier: StatementCourier) {}

  /** The peer afterwards: as it was last, where it is forgotten. @throws PeerUnknownError, PeerActionImpossibleError; nothing changes then. */
  async handle(act: Act): Promise<PeerRecord> {
    const peer = await this.desk.together((tx) => this.in(act, tx));
    this.courier.nudge();
    return peer;
  }

  /** As `handle`, in a transaction of the caller. */
  async in({ nodeId, action, reason }: Act, tx: Transaction): Promise<PeerRecord> {
    let last: PeerRecord | undefined;
    const after = await this.desk.changeIn(nodeId, (before) => {
      if (before === undefined) throw new PeerUnknownError(nodeId);
      last = before;
      const next = this.next(before, action);
      return next && { ...next, ...(action !== 'retry' && { reason }) };
    }, tx);
    const answered = after ?? last;
    if (answered === undefined) throw new PeerUnknownError(nodeId);
    return answered;
  }

  private next(peer: PeerRecord, action: Action): PeerRecord | undefined {
    if (action === 'retry') return retried(peer);
    if (action === 'undo' || action === 'unblock') return this.restored(peer, action);
    if (!isEvent(action)) throw new PeerActionImpossibleError(action, peer.state);
    const state = stateAfter(peer, EVENTS[action]);
    if (state === undefined) throw new PeerActionImpossibleError(action, peer.state);
    if (state === 'stranger') return forgotten(peer);
    if (action === 'approve') return approved(peer, (known) => moved(known, state, this.desk.now()));
    const after = moved(peer, state, this.desk.now());
    // A request is withdrawn at the address that was typed; one that came is answered when it is repeated: its address nobody has approved.
    return action === 'decline' && peer.state === 'asked' ? { ...after, owes: 'declines' } : after;
  }

  /** As it was before the last change. One step: what is taken back cannot be taken back again. */
  private restored(peer: PeerRecord, action: 'undo' | 'unblock'): PeerRecord {
    if (action === 'unblock' && peer.state !== 'blocked') throw new PeerActionImpossibleError(action, peer.state);
    const target = peer.previous ?? (peer.state === 'blocked' ? 'declined' : undefined);
    const state = target && stateAfter(peer, `restore ${target}`);
    if (state === undefined || state === 'stranger') throw new PeerActionImpossibleError(action, peer.state, 'there is no change that could be taken back');
    const after = { ...moved(peer, state, this.desk.now()), previous: null };
    return state === 'asked' ? { ...after, owes: 'asks' } : after;
  }
}

function retried(peer: PeerRecord): PeerRecord {
  const isDialled = (peer.state === 'linked' || peer.state === 'draining') && peer.natsUrl !== null;
  if (!isDialled && peer.owes === null) throw new PeerActionImpossibleError('retry', peer.state, 'nothing is to be dialled at this peer');
  return { ...peer, retries: peer.retries + 1 };
}

function approved(peer: PeerRecord, move: (peer: PeerRecord) => PeerRecord): PeerRecord {
  if (peer.peerNkey === null || peer.natsUrl === null) throw new PeerActionImpossibleError('approve', peer.state, 'the node has not asked for a link: ask it');
  return withLinkKey({ ...move(peer), owes: 'agrees' });
}

/** A peer of the file would be back with the next look at it. */
function forgotten(peer: PeerRecord): undefined {
  if (peer.declared !== null) throw new PeerActionImpossibleError('forget', peer.state, 'the peers file names this peer: take it out there');
  return undefined;
}
