/** What leaves the home node of a listing: see docs/visibility.md. */
export type Visibility = 'network' | 'summary' | 'query' | 'node';

/** True where the log says something of such a listing. */
export const isInLog = (visibility: Visibility): boolean => visibility === 'network' || visibility === 'summary';

/** True where other nodes may know such a listing, but not whose it is, its title and its place. */
export const keepsDetails = (visibility: Visibility): visibility is 'summary' | 'query' => visibility === 'summary' || visibility === 'query';
