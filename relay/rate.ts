import type { Clock } from './clock';

/**
 * Permission to send, as a bucket of tokens: `burst` of them at first, and the rest of the minute's evenly over it. In no
 * minute are there more than `perMinute`, as a minute refills perMinute - burst; and after a burst nothing waits for a
 * minute, as it would if all were spent at once: at 18 a minute and a burst of 9, some seven seconds.
 */
export class Rate {
  #tokens: number;
  #at: number;
  readonly #perMillisecond: number;

  constructor(
    perMinute: number,
    readonly burst: number,
    private readonly clock: Clock,
    /** When this was already sent to the robot, in order: before a restart. */
    sent: readonly number[] = []
  ) {
    this.#perMillisecond = (perMinute - burst) / 60_000;
    this.#tokens = burst;
    this.#at = sent[0] ?? clock.now();
    for (const time of sent) {
      this.refill(time);
      this.#tokens -= 1;
    }
  }

  /** Whole tokens that are there now. */
  get available(): number {
    this.refill();
    // Rounding may leave 0.9999999 of one for whose time somebody has waited.
    return Math.floor(this.#tokens + 1e-6);
  }

  take(): void {
    this.refill();
    this.#tokens -= 1;
  }

  /** After the robot itself said that it was too much. */
  empty(): void {
    this.refill();
    this.#tokens = Math.min(this.#tokens, 0);
  }

  /** Milliseconds until there is a token. */
  get wait(): number {
    this.refill();
    return this.available > 0 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMillisecond);
  }

  private refill(now = this.clock.now()): void {
    this.#tokens = Math.min(this.burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMillisecond);
    this.#at = now;
  }
}
