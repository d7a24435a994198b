import type { LoggerService } from '@nestjs/common';

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

  constructor(
    private readonly name: string,
    private readonly work: () => Promise<boolean>,
    private readonly options: { readonly pauseMs: number; readonly logger: LoggerService },
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  /** Cuts the present pause short. */
  nudge(): void {
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

  private async pause(): Promise<void> {
    const pauseMs = this.failures === 0 ? this.options.pauseMs : Math.min(5_000, 50 * 2 ** Math.min(this.failures, 10));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
    this.wake = undefined;
  }
}
