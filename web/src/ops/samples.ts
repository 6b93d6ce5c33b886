import type { Gateway } from './opsApi'

const KEPT = 150

export type Measure = 'sessions' | 'updatesPerSecond' | 'deliveriesPerSecond' | 'outboxP50Ms' | 'outboxP99Ms' | 'p50Ms' | 'p99Ms'

/** The last minutes of all gateways, as charts want them: moments, and for each gateway a value or null at each. */
export class Samples {
  private moments: { at: number; gateways: Map<string, Gateway> }[] = []

  add(at: number, gateways: Gateway[]): void {
    this.moments.push({ at, gateways: new Map(gateways.map((gateway) => [gateway.id, gateway])) })
    if (this.moments.length > KEPT) this.moments.shift()
  }

  /** Everyone who was there, in the order of their ids; who has left keeps a line until it has moved out of the chart. */
  ids(): string[] {
    return [...new Set(this.moments.flatMap(({ gateways }) => [...gateways.keys()]))].sort()
  }

  /** The most sessions that a gateway had in the chart: what a drain began with, as far as this page saw it. */
  mostSessions(id: string): number {
    return Math.max(0, ...this.moments.map(({ gateways }) => gateways.get(id)?.sessions ?? 0))
  }

  /** Seconds, then for each measure the values of each of `ids`. */
  series(ids: string[], measures: Measure[]): [number[], ...(number | null)[][]] {
    // A latency of 0: nothing was delivered.
    const values = (id: string, measure: Measure) =>
      this.moments.map(({ gateways }) => {
        const value = gateways.get(id)?.[measure] ?? null
        return measure.endsWith('Ms') && value === 0 ? null : value
      })
    return [this.moments.map(({ at }) => at / 1000), ...measures.flatMap((measure) => ids.map((id) => values(id, measure)))]
  }
}
