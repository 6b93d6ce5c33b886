/**
 * Exponential backoff with jitter over the upper half of each step: clients that lost the same gateway come back spread
 * out, and none of them at once.
 */
export class Backoff {
  attempt = 0

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly random: () => number,
  ) {}

  /** The next wait in milliseconds: between half of min(first * 2^n, longest) and all of it. */
  next(): number {
    const step = Math.min(this.firstMs * 2 ** Math.min(this.attempt, 30), this.longestMs)
    this.attempt++
    return step * (0.5 + 0.5 * this.random())
  }

  reset(): void {
    this.attempt = 0
  }
}
