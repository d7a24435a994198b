import { appliedEntry } from '@kula/contracts';
import type { Topic } from '@kula/kernel-federation-log';
import { OnSubject } from '@kula/platform-messaging';

/** Marks a controller method as consumer of a federation topic: verified entries, in order per issuer, own ones included. */
export const OnFederated = (topic: Topic) => OnSubject(`fedin.${topic}`, appliedEntry);
