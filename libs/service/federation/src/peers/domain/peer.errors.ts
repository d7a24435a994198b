import { DomainError } from '@kula/kernel-primitives';

export class PeerUnknownError extends DomainError<'federation.peer_unknown'> {
  override readonly name = 'PeerUnknownError';
  readonly code = 'federation.peer_unknown';

  constructor(nodeId: string) {
    super('this node has no such peer', { nodeId });
  }
}

export class PeerActionImpossibleError extends DomainError<'federation.peer_action_impossible'> {
  override readonly name = 'PeerActionImpossibleError';
  readonly code = 'federation.peer_action_impossible';

  constructor(action: string, state: string, why = `a peer that is ${state} cannot be the subject of "${action}"`) {
    super(why, { action, state });
  }
}

export class PeerUnreachableError extends DomainError<'federation.peer_unreachable'> {
  override readonly name = 'PeerUnreachableError';
  readonly code = 'federation.peer_unreachable';
}

export class AddressRefusedError extends DomainError<'federation.address_refused'> {
  override readonly name = 'AddressRefusedError';
  readonly code = 'federation.address_refused';

  constructor(host: string) {
    super(`${host} is a link-local or metadata address, which no node dials`, { host });
  }
}

export class PeerIsAnotherError extends DomainError<'federation.peer_is_another'> {
  override readonly name = 'PeerIsAnotherError';
  readonly code = 'federation.peer_is_another';

  constructor(nodeId: string, wanted: string) {
    super('another node than the one that was named answers there', { nodeId, wanted });
  }
}

export class PeerIsSelfError extends DomainError<'federation.peer_is_self'> {
  override readonly name = 'PeerIsSelfError';
  readonly code = 'federation.peer_is_self';

  constructor() {
    super('that is this node itself');
  }
}

export class PeerBlockedError extends DomainError<'federation.peer_blocked'> {
  override readonly name = 'PeerBlockedError';
  readonly code = 'federation.peer_blocked';

  /** @param who is said to have blocked whom. */
  constructor(who = 'this node has blocked the other one: nothing is exchanged between them until its operator changes that') {
    super(who);
  }
}

export class PeerDeclinesError extends DomainError<'federation.peer_declines'> {
  override readonly name = 'PeerDeclinesError';
  readonly code = 'federation.peer_declines';

  constructor() {
    super('the operator of the other node has declined the link');
  }
}

export class BadSignatureError extends DomainError<'federation.bad_signature'> {
  override readonly name = 'BadSignatureError';
  readonly code = 'federation.bad_signature';

  constructor() {
    super('the statement was not signed with the key of the node that it names as from_node');
  }
}

export class StatementNotForUsError extends DomainError<'federation.statement_not_for_us'> {
  override readonly name = 'StatementNotForUsError';
  readonly code = 'federation.statement_not_for_us';

  constructor(ownNodeId: string) {
    super('the statement is made for another node', { nodeId: ownNodeId });
  }
}

export class StatementTooOldError extends DomainError<'federation.statement_too_old'> {
  override readonly name = 'StatementTooOldError';
  readonly code = 'federation.statement_too_old';

  constructor(why: string) {
    super(why);
  }
}

export class TooManyStatementsError extends DomainError<'federation.too_many_requests'> {
  override readonly name = 'TooManyStatementsError';
  readonly code = 'federation.too_many_requests';

  constructor() {
    super('more statements arrive than this node takes in; send it again in a minute');
  }
}

/** @param line 1 is the header. */
export class ListMalformedError extends DomainError<'federation.list_malformed'> {
  override readonly name = 'ListMalformedError';
  readonly code = 'federation.list_malformed';

  constructor(line: number, detail: string) {
    super(`line ${line}: ${detail}`, { line });
  }
}
