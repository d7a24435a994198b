import { Cast, type StoryNode } from './cast.js';
import type { Dataset } from './dataset.js';
import type { Teller } from './teller.js';
import { announce } from './chapters/announce.js';
import { attest } from './chapters/attest.js';
import { carryOut } from './chapters/carry-out.js';
import { clear } from './chapters/clear.js';
import { consent } from './chapters/consent.js';
import { exchangeAgain } from './chapters/exchange-again.js';
import { findRings } from './chapters/find-rings.js';
import { oblige } from './chapters/oblige.js';
import { publishListings } from './chapters/publish-listings.js';
import { signAgreement } from './chapters/sign-agreement.js';

/** What every chapter is played with. */
export interface Stage {
  readonly cast: Cast;
  /** All times of the story follow from this one, so that playing it again signs the same documents. */
  readonly startedAt: Date;
  readonly teller: Teller;
}

/** A chapter of the story. It may be played again: what has happened stays as it is. */
export interface Chapter {
  readonly name: string;
  readonly title: string;
  play(stage: Stage): Promise<void>;
}

/** The chapters of the story, in order (architecture §1, steps 1 to 7). */
export const CHAPTERS: readonly Chapter[] = [
  { name: 'announce', title: 'Three nodes announce themselves, their cooperatives and members', play: announce },
  { name: 'publish', title: 'Members publish what they can give and what they could use', play: publishListings },
  { name: 'find', title: 'Rings are found that cross the nodes', play: findRings },
  { name: 'consent', title: 'Everybody reads the full terms and signs', play: consent },
  { name: 'carry-out', title: 'The rings are carried out and confirmed by both sides', play: carryOut },
  { name: 'attest', title: 'Nodes attest what they saw; trust moves', play: attest },
  { name: 'again', title: 'Some exchange again: attested trust counts, and is put to the test', play: exchangeAgain },
  { name: 'agree', title: 'The cooperatives sign a clearing agreement', play: signAgreement },
  { name: 'oblige', title: 'Obligations accumulate under it, signed by both sides', play: oblige },
  { name: 'clear', title: 'One run nets them; every node computes it and compares', play: clear },
];

/** What a story needs. */
export interface StoryOptions {
  readonly dataset: Dataset;
  readonly nodes: readonly StoryNode[];
  readonly startedAt: Date;
  readonly teller: Teller;
  /** Called before each chapter: tests break something here. */
  readonly before?: (chapter: Chapter) => Promise<void>;
}

/** Plays all chapters over the nodes' REST doors, as cooperatives, members and operators would. */
export async function playStory({ dataset, nodes, startedAt, teller, before }: StoryOptions): Promise<Stage> {
  const stage: Stage = { cast: new Cast(dataset, nodes), startedAt, teller };
  for (const chapter of CHAPTERS) {
    teller.chapter(chapter.title);
    await before?.(chapter);
    await chapter.play(stage);
  }
  return stage;
}
