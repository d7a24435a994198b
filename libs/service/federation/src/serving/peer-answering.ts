/** What answers one verb of the peer API. */
export interface PeerAnswering {
  /** One of PEER_API. */
  readonly verb: string;
  /** @throws RequestRefusedError. */
  handle(request: unknown, caller: string): Promise<object>;
}

/** Token of the list of everything a peer may ask. */
export const PEER_ANSWERINGS = Symbol('peer answerings');
