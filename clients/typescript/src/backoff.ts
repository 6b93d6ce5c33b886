/**
 * Exponential backoff with full jitter: each wait is uniform between 0 and min(first * 2^n, longest), so that clients that
 * lost the same gateway come back spread over the whole step. (M. Brooker, "Exponential Backoff And Jitter", 2015.)
 */
export class Backoff {
  attempt = 0

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly random: () => number,
  ) {}

  /** The next wait, milliseconds. */
  next(): number {
    const step = Math.min(this.firstMs * 2 ** Math.min(this.attempt, 30), this.longestMs)
    this.attempt++
    return step * this.random()
  }

  reset(): void {
    this.attempt = 0
  }
}
