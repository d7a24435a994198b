import type { SeededRandom } from '@kula/testing-fixtures';
import type { Scheduler } from '../scheduler.js';
import type { Diary } from './happenings.js';

/** Somebody who can be asked. `life` counts its starts: an answer belongs to the life that asked. */
export interface Station {
  readonly name: string;
  readonly life: number;
  readonly isUp: boolean;
}

/** How unreliable the network is, in chances out of 1,000. */
export interface Weather {
  readonly lost: number;
  readonly doubled: number;
  /** Slow by seconds instead of milliseconds. */
  readonly delayed: number;
}

export const CALM: Weather = { lost: 0, doubled: 0, delayed: 0 };

/** Longest that a message is on its way. */
export const DELAY_MS_MAX = 8_000;

/** Carries questions and answers between stations: late, twice, out of order, or not at all. */
export class Network {
  weather: Weather = CALM;
  private readonly cuts = new Set<string>();
  private readonly cables = new Set<string>();

  constructor(private readonly scheduler: Scheduler, private readonly random: SeededRandom, private readonly diary: Diary) {}

  /** Lays a cable, both ways. */
  lay(one: Station, other: Station): void {
    this.cables.add(`${one.name}>${other.name}`).add(`${other.name}>${one.name}`);
  }

  isLaid(one: Station, other: Station): boolean { return this.cables.has(`${one.name}>${other.name}`); }

  /** Nothing more arrives on a cable, what is on its way included. Answers whether there is one. */
  cut(one: string, other: string): boolean {
    this.cuts.add(`${one}>${other}`).add(`${other}>${one}`);
    return this.cables.has(`${one}>${other}`);
  }

  heal(one: string, other: string): void { this.cuts.delete(`${one}>${other}`); this.cuts.delete(`${other}>${one}`); }

  healAll(): void { this.cuts.clear(); }

  /** Asks, and hands over the first answer, if one comes. Nobody learns of what is lost: who asked asks again. */
  ask<Answer>(from: Station, to: Station, answer: () => Answer | undefined, take: (answer: Answer) => void): void {
    let isAnswered = false;
    this.stream(from, to, answer, (given) => {
      if (!isAnswered) take(given);
      isAnswered = true;
    });
  }

  /** Asks for a delivery, and hands it over as often as it comes. */
  stream<Answer>(from: Station, to: Station, answer: () => Answer | undefined, take: (answer: Answer) => void): void {
    const life = from.life;
    this.carry(from, to, () => {
      if (!to.isUp) return;
      const given = answer();
      if (given !== undefined) this.carry(to, from, () => { if (from.isUp && from.life === life) take(given); });
    });
  }

  private carry(from: Station, to: Station, arrive: () => void): void {
    const key = `${from.name}>${to.name}`;
    for (let copy = this.copies(); copy > 0; copy -= 1) {
      this.scheduler.after(this.delayMs(), () => { if (this.cables.has(key) && !this.cuts.has(key)) arrive(); });
    }
  }

  private copies(): number {
    if (this.happens(this.weather.lost)) {
      this.diary.note('message lost');
      return 0;
    }
    if (!this.happens(this.weather.doubled)) return 1;
    this.diary.note('message doubled');
    return 2;
  }

  private delayMs(): number {
    if (!this.happens(this.weather.delayed)) return 1 + this.random(40);
    this.diary.note('message delayed');
    return this.random(DELAY_MS_MAX);
  }

  private happens(chance: number): boolean { return chance > 0 && this.random(1_000) < chance; }
}
