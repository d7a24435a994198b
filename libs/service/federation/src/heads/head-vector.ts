import type { SignatureDomain } from '@kula/kernel-crypto';

/** What the signature under a head vector is for. */
export const HEAD_VECTOR_DOMAIN: SignatureDomain = 'sep/head-vector/v1';

/** Most heads in one statement. */
export const HEADS_MAX = 400;

/** Most statements asked of a peer at a time: what it holds beyond them is compared with other peers. */
export const STATEMENTS_MAX = 25;
