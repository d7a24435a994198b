/** What a node says of itself for people. */
export interface NodeWords {
  readonly name: string;
  readonly domain: string;
  readonly gatewayUrl: string;
  readonly operatorId: string;
}

/** What the registry has from this node's own log. `announcedSeq` is 0 while nothing has come back from there. */
export interface AnnouncedWords extends NodeWords { readonly announcedSeq: number }

/** An update that this node has drafted, and the place of the own announcement that stood then. */
export interface DraftedWords extends NodeWords { readonly afterSeq: number }

const isSame = (left: NodeWords, right: NodeWords): boolean =>
  left.name === right.name && left.domain === right.domain && left.gatewayUrl === right.gatewayUrl && left.operatorId === right.operatorId;

/**
 * Whether the node has to say something new of itself.
 *
 * The last word is the drafted one until anything comes back from the log after it, else the announced one: a restart drafts nothing twice, and going back
 * to the old words while an update is on its way is an update as well. Without an announcement there is nothing to update: the log begins with the settings.
 */
export function needsUpdate(settings: NodeWords, announced: AnnouncedWords, drafted: DraftedWords | undefined): boolean {
  if (announced.announcedSeq === 0) return false;
  const isOnItsWay = drafted !== undefined && drafted.afterSeq >= announced.announcedSeq;
  return !isSame(settings, isOnItsWay ? drafted : announced);
}
