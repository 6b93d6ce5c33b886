import { distanceBetween } from './geo.ts'
import type { LatLon, StrangersUpdate } from './messages.ts'

/** Somebody nearby who is no friend, somewhere in a square whose middle this is. */
export interface Stranger extends LatLon {
  /** A pseudonym: another user, or another day, knows this person by another one. */
  id: string
  name: string
  /** When the person was there, Unix milliseconds UTC by the gateway's clock. */
  time: number
  /** Metres to the middle of the square. */
  distance: number
}

/** The strangers nearby, as the gateway told last. */
export class StrangerList {
  private readonly people = new Map<string, Stranger>()
  private own: LatLon | null = null
  private number = 0
  /** How many there are within the radius; the nearest 50 are known. */
  total = 0

  /** Nearest first; among equals by id. */
  sorted(): Stranger[] {
    return [...this.people.values()].sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
  }

  /** The first message of a list replaces everything, later ones change it. */
  apply(update: StrangersUpdate): void {
    if (update.list !== this.number) this.people.clear()
    this.number = update.list
    for (const { id, lat, lon, time, distance, name } of update.people) {
      const person = { id, lat, lon, time, name: name ?? this.people.get(id)?.name ?? '' }
      this.people.set(id, { ...person, distance: this.own ? distanceBetween(this.own, person) : distance })
    }
    update.left.forEach((id) => this.people.delete(id))
    this.total = update.total
  }

  /** A new session: whatever number its first list has, it replaces this one. */
  beginSession(): void {
    this.number = 0
  }

  /** As when one stops sharing. */
  clear(): void {
    this.people.clear()
    this.total = 0
  }

  /** One moved oneself; null: the list is around another device's place. */
  moveTo(own: LatLon | null): void {
    this.own = own
    if (own) for (const person of this.people.values()) person.distance = distanceBetween(own, person)
  }
}
