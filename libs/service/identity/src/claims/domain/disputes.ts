/** What one may claim and another hold. */
export type ClaimedThing = 'node' | 'domain' | 'cooperative' | 'participant' | 'handle';

/** Who stands behind a name, and at which node. A node is at itself. */
export interface Holder { readonly id: string; readonly nodeId: string }

/** Something that an entry claims for somebody. */
export interface Claimed { readonly what: ClaimedThing; readonly name: string; readonly by: Holder }

/** A claim to what somebody else holds. */
export interface Dispute extends Claimed { readonly holder: Holder }

/** A name that an entry speaks of, with whoever this node has recorded as its holder; undefined where nobody is. */
export interface Looked extends Claimed { readonly holder: Holder | undefined }

/** The claims among these that somebody else holds, in their order. A second word of the holder about itself is none. */
export function disputesAmong(looked: readonly Looked[]): Dispute[] {
  return looked.flatMap(({ what, name, by, holder }) => {
    if (holder === undefined || (holder.id === by.id && holder.nodeId === by.nodeId)) return [];
    return [{ what, name, by, holder }];
  });
}
