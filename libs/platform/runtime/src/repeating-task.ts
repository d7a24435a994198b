import type { LoggerService } from '@nestjs/common';

/** How long a task that was hurried looks often. */
const HURRY_MS = 500;

/** When a task looks for work. */
export interface TaskOptions {
  /** Pause after there was nothing to do. */
  readonly pauseMs: number;
  /** Pause while hurried; `pauseMs` where absent. */
  readonly hurriedPauseMs?: number;
  readonly logger: LoggerService;
}

/**
 * Runs a piece of work again and again until stopped, one at a time.
 *
 * The work answers true when there was something to do: then it runs again at once, else after `pauseMs`.
 * A failure is logged and followed by a growing pause (capped at 5 s), never by silence.
 */
export class RepeatingTask {
  private stopped = false;
  private running: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  private failures = 0;
  private hurriedUntil = 0;

  constructor(
    private readonly name: string,
    private readonly work: () => Promise<boolean>,
    private readonly options: TaskOptions,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  /** Cuts the present pause short. */
  nudge(): void {
    this.wake?.();
  }

  /** Says that work is about to come: cuts the present pause short and looks often for half a second. */
  hurry(): void {
    this.hurriedUntil = performance.now() + HURRY_MS;
    this.wake?.();
  }

  /** Resolves when the piece of work in hand has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      const didSomething = await this.once();
      if (!didSomething && !this.stopped) await this.pause();
    }
  }

  private async once(): Promise<boolean> {
    try {
      const didSomething = await this.work();
      this.failures = 0;
      return didSomething;
    } catch (error) {
      this.failures += 1;
      if (!this.stopped) this.options.logger.warn(`${this.name} failed (${this.failures} in a row): ${error instanceof Error ? error.message : String(error)}`, this.name);
      return false;
    }
  }

  private nextPauseMs(): number {
    if (this.failures > 0) return Math.min(5_000, 50 * 2 ** Math.min(this.failures, 10));
    const { pauseMs, hurriedPauseMs = pauseMs } = this.options;
    return performance.now() < this.hurriedUntil ? hurriedPauseMs : pauseMs;
  }

  private async pause(): Promise<void> {
    const pauseMs = this.nextPauseMs();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
    this.wake = undefined;
  }
}
