import { bearingTo, distanceBetween, type LatLon } from '@nearbyfriends/client'
import { destination } from '../geo/geo'
import type { City, RoadClass } from '../map/city'

/** Brisk: who looks at a map of a whole city wants to see that something moves. Metres a second. */
export const STROLL_SPEED = 9

const NOT_ON_FOOT = new Set<RoadClass>(['motorway', 'bridge', 'tunnel'])

/** A stroll along the streets of the city, or, where there are none, in gentle curves. */
export class Stroll {
  private from: number | null = null
  private next: number | null = null
  private heading: number

  constructor(
    public place: LatLon,
    private readonly streets: Streets,
    private readonly random: () => number = Math.random,
  ) {
    this.heading = random() * 2 * Math.PI
    this.next = streets.nearest(place)
  }

  /** Walks on so many metres, and says where that leads. */
  advance(metres: number): LatLon {
    if (this.next === null) return (this.place = this.drift(metres))
    let left = metres
    for (let corners = 0; left > 0 && corners < 20; corners++) {
      const goal = this.streets.node(this.next)
      const distance = distanceBetween(this.place, goal)
      if (distance > left) {
        this.place = destination(this.place, left, bearingTo(this.place, goal))
        return this.place
      }
      left -= distance
      this.place = goal
      this.turn()
    }
    return this.place
  }

  /** At a corner: anywhere but back, straight on more often than not. */
  private turn(): void {
    const at = this.next
    if (at === null) return
    const ways = this.streets.neighbours(at).filter((node) => node !== this.from)
    const here = this.streets.node(at)
    const came = this.from === null ? this.heading : bearingTo(this.streets.node(this.from), here)
    const straight = (node: number) => Math.cos(bearingTo(here, this.streets.node(node)) - came)
    const onward = [...ways].sort((a, b) => straight(b) - straight(a))
    const chosen = this.random() < 0.7 ? onward[0] : onward[Math.floor(this.random() * onward.length)]
    const back = this.from
    this.from = at
    this.next = chosen ?? back ?? at
  }

  private drift(metres: number): LatLon {
    this.heading += (this.random() - 0.5) * 0.5
    return destination(this.place, metres, this.heading)
  }
}

/** The city's streets as a graph for walkers. */
export class Streets {
  private readonly edges = new Map<number, number[]>()

  constructor(private readonly city: City | null) {
    for (const road of city?.roads ?? []) {
      if (NOT_ON_FOOT.has(road.class)) continue
      for (let i = 1; i < road.nodes.length; i++) this.join(road.nodes[i - 1] as number, road.nodes[i] as number)
    }
  }

  node(index: number): LatLon {
    return this.city?.nodes[index] ?? { lat: 0, lon: 0 }
  }

  neighbours(index: number): number[] {
    return this.edges.get(index) ?? []
  }

  /** The corner to set out from; null where the city is far away. */
  nearest(place: LatLon): number | null {
    let [best, closest]: [number | null, number] = [null, 2_000]
    for (const index of this.edges.keys()) {
      const distance = distanceBetween(place, this.node(index))
      if (distance < closest) [best, closest] = [index, distance]
    }
    return best
  }

  private join(a: number, b: number): void {
    this.edges.set(a, [...this.neighbours(a), b])
    this.edges.set(b, [...this.neighbours(b), a])
  }
}
