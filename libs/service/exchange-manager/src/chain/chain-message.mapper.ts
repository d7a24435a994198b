import {
  chainAcknowledged, chainAnswered, chainCommitted, chainConsented, chainDecided, chainProposed, legSignalled,
} from '@kula/contracts';
import type { FederatedEntry } from '@kula/platform-federation';
import type { z } from 'zod';
import type {
  Acknowledged, Answered, Committed, Consented, ConsentStatement, Decided, Decision, Proposed, Signalled, SignalStatement,
} from './domain/chain.types.js';
import { ForeignIssuerError, MalformedDecisionError } from './domain/chain.errors.js';
import type { Terms } from './domain/terms.js';

/** An entry whose body has the form of a message. */
export type EntryOf<Message extends { readonly body: z.ZodType }> = FederatedEntry<z.output<Message['body']>>;

const spokenIn = ({ issuer, id }: { readonly issuer: string; readonly id: string }) => ({ issuer, entryId: id });

/** A proposal as it was said. The terms keep every field they were hashed with. */
export function proposedIn({ body, ...entry }: EntryOf<typeof chainProposed>): Proposed {
  const { chain_id, participants, edges, proposed_timeline, proposing_node, terms_hash, explanation } = body;
  const terms: Terms = { chain_id, participants, edges, proposed_timeline };
  return { kind: 'proposed', ...spokenIn(entry), chainId: chain_id, termsHash: terms_hash, proposingNode: proposing_node, terms, explanation };
}

/** A home node's verdict as it was said. @throws ForeignIssuerError where a node answers for another. */
export function answeredIn({ body, ...entry }: EntryOf<typeof chainAnswered>): Answered {
  const { chain_id, terms_hash, responding_node, status, rejection_reason } = body;
  if (responding_node !== entry.issuer) throw new ForeignIssuerError(entry.issuer, `node ${responding_node}`);
  return { kind: 'answered', ...spokenIn(entry), chainId: chain_id, termsHash: terms_hash, status, reason: rejection_reason ?? null };
}

/** A member's consent as its home node passed it on. */
export function consentedIn({ body, ...entry }: EntryOf<typeof chainConsented>): Consented {
  const { statement, signature, reason } = body;
  return { kind: 'consented', ...spokenIn(entry), chainId: statement.chain_id, termsHash: statement.terms_hash, statement, signature, reason: reason ?? null };
}

/** A certificate as it was said. */
export function committedIn({ body, ...entry }: EntryOf<typeof chainCommitted>): Committed {
  const consents = body.consents.map(({ statement, signature }) => ({ statement, signature }));
  return { kind: 'committed', ...spokenIn(entry), chainId: body.chain_id, termsHash: body.terms_hash, consents };
}

/** A home node's acknowledgement as it was said. */
export function acknowledgedIn({ body, ...entry }: EntryOf<typeof chainAcknowledged>): Acknowledged {
  const { chain_id, terms_hash, proposing_node, status, reason } = body;
  return { kind: 'acknowledged', ...spokenIn(entry), chainId: chain_id, termsHash: terms_hash, proposingNode: proposing_node, status, reason: reason ?? null };
}

/** A decision as it was said. @throws MalformedDecisionError where the reason belongs to the other outcome. */
export function decidedIn({ body, ...entry }: EntryOf<typeof chainDecided>): Decided {
  return { kind: 'decided', ...spokenIn(entry), chainId: body.chain_id, termsHash: body.terms_hash, decision: decisionOf(body.outcome, body.reason) };
}

function decisionOf(outcome: Decision['outcome'], reason: Decision['reason']): Decision {
  if (outcome === 'commit' && reason === 'all_held') return { outcome, reason };
  if (outcome === 'abort' && reason !== 'all_held') return { outcome, reason };
  throw new MalformedDecisionError(outcome, reason);
}

/** A member's signal as its home node passed it on. */
export function signalledIn({ body, ...entry }: EntryOf<typeof legSignalled>): Signalled {
  const { statement, signature, note } = body;
  return { kind: 'signalled', ...spokenIn(entry), chainId: statement.chain_id, termsHash: statement.terms_hash, statement, signature, note: note ?? null };
}

/** A consent that a member gives here, as it will be said. */
export const consentHere = (issuer: string, statement: ConsentStatement, rest: { readonly signature: string; readonly reason: string | null }): Consented =>
  ({ kind: 'consented', issuer, entryId: null, chainId: statement.chain_id, termsHash: statement.terms_hash, statement, ...rest });

/** A signal that a member gives here, as it will be said. */
export const signalHere = (issuer: string, statement: SignalStatement, rest: { readonly signature: string; readonly note: string | null }): Signalled =>
  ({ kind: 'signalled', issuer, entryId: null, chainId: statement.chain_id, termsHash: statement.terms_hash, statement, ...rest });
