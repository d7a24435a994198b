import { Injectable } from '@nestjs/common';

/** One thing a service cannot work without. Resolves when it is there, rejects with the reason when not. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** The checks of one service. A peer that is down is no reason to be unready. */
@Injectable()
export class HealthRegistry {
  private readonly checks: HealthCheck[] = [];

  add(check: HealthCheck): void { this.checks.push(check); }

  /** Every check with its result, in the order they were added. */
  async report(): Promise<readonly { readonly name: string; readonly isReady: boolean; readonly reason: string | null }[]> {
    return Promise.all(this.checks.map(async ({ name, check }) => {
      try {
        await check();
        return { name, isReady: true, reason: null };
      } catch (error) {
        return { name, isReady: false, reason: error instanceof Error ? error.message : String(error) };
      }
    }));
  }
}
