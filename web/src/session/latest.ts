/**
 * What the server tells now, loaded again whenever somebody asks. There is one request at a time, so no answer overtakes a newer one,
 * and an answer is not shown if something changed while it was on its way: another follows.
 */
export class Latest<T> {
  private isOld = false
  private loading: Promise<void> | null = null

  /** `load` may fail: what was shown before stays, until somebody asks again. */
  constructor(
    private readonly load: () => Promise<T>,
    private readonly show: (value: T) => void,
  ) {}

  /** Resolves when something that was loaded after this call is shown, or could not be loaded. */
  refresh(): Promise<void> {
    this.isOld = true
    return (this.loading ??= this.run())
  }

  /** Asks, unless an answer is on its way. */
  ensure(): void {
    if (!this.loading) void this.refresh()
  }

  /** Something changed, and what is shown says so already: an answer that is on its way may not. */
  changed(): void {
    if (this.loading) this.isOld = true
  }

  private async run(): Promise<void> {
    while (this.isOld) {
      this.isOld = false
      try {
        const value = await this.load()
        if (!this.isOld) this.show(value)
      } catch {
        // Unavailable for now.
      }
    }
    this.loading = null
  }
}
