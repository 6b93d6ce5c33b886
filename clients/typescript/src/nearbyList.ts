import type { FriendEntry, FriendsUpdate, LatLon, LeaveReason, NearbyPage } from './messages.ts'
import { distanceBetween } from './geo.ts'

export interface NearbyFriend extends LatLon {
  id: string
  /** Unknown of a friend on a page that was not asked for, who moved. */
  name: string | undefined
  /** When the friend was there, Unix milliseconds UTC by the gateway's clock. */
  time: number
  /** Metres. */
  distance: number
  /** Radius of the fix in metres; undefined where the friend's device told none. */
  accuracy: number | undefined
  /** The position is snapped to a grid of 1 km. */
  approximate: boolean
}

/**
 * The live list: pages and updates of the gateway applied in order, friends who became inactive dropped on time even when no
 * message says so, distances recomputed as one moves. `onLeft` hears of each friend who leaves, and why.
 */
export class NearbyList {
  private readonly friends = new Map<string, NearbyFriend>()
  private own: LatLon | null = null
  private number = 0
  inactiveAfterMs = Infinity
  /** How many are nearby by the gateway's count, known here or not. */
  total = 0
  /** What the next page is asked with; null on the last. */
  cursor: string | null = null

  constructor(private readonly onLeft: (friend: NearbyFriend, reason: LeaveReason) => void = () => {}) {}

  /** Nearest first; among equals by id, so that nobody dances. */
  sorted(): NearbyFriend[] {
    return [...this.friends.values()].sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
  }

  get(id: string): NearbyFriend | undefined {
    return this.friends.get(id)
  }

  /** Page 1 replaces everything; a later page of the same list adds; a page of an older list is ignored. */
  applyPage(page: NearbyPage): void {
    if (page.page > 1 && page.list !== this.number) return
    if (page.page <= 1) {
      // An update may have overtaken the snapshot, so a friend's time does not go back even here.
      const before = new Map(this.friends)
      this.friends.clear()
      for (const entry of page.friends) {
        const known = before.get(entry.id)
        this.friends.set(entry.id, known && known.time > entry.time ? { ...known, name: entry.name } : this.friendOf(entry, entry.name))
      }
    } else {
      page.friends.forEach((entry) => this.merge(entry))
    }
    this.number = page.list
    this.total = page.total
    this.cursor = page.cursor
  }

  /** One flush; one of another list is ignored. */
  applyUpdate(update: FriendsUpdate): void {
    if (update.list !== this.number) return
    update.moved?.forEach((entry) => this.merge(entry))
    update.left?.forEach(({ id, reason }) => this.remove(id, reason))
    this.total = update.total
  }

  remove(id: string, reason: LeaveReason): void {
    const friend = this.friends.get(id)
    if (!friend) return
    this.friends.delete(id)
    this.onLeft(friend, reason)
  }

  /** As when one stops sharing. */
  clear(): void {
    for (const id of [...this.friends.keys()]) this.remove(id, 'gone')
    this.total = 0
    this.cursor = null
  }

  /** One moved oneself; null: the list is around another device's place. */
  moveTo(own: LatLon | null): void {
    this.own = own
    if (own) for (const friend of this.friends.values()) friend.distance = distanceBetween(own, friend)
  }

  /** Drops who became inactive by `now`, on the gateway's clock; true if anybody did. */
  expire(now: number): boolean {
    const late = [...this.friends.values()].filter((friend) => friend.time + this.inactiveAfterMs <= now)
    late.forEach((friend) => this.remove(friend.id, 'gone'))
    this.total = Math.max(this.total - late.length, 0)
    return late.length > 0
  }

  private merge(entry: FriendEntry): void {
    const known = this.friends.get(entry.id)
    if (!known || known.time <= entry.time) this.friends.set(entry.id, this.friendOf(entry, entry.name ?? known?.name))
    else known.name ??= entry.name
  }

  // The gateway may not have had the location sent last when it computed its distance.
  private friendOf(entry: FriendEntry, name: string | undefined): NearbyFriend {
    const { id, lat, lon, time, accuracy, approximate = false } = entry
    return { id, name, lat, lon, time, accuracy, approximate, distance: this.own ? distanceBetween(this.own, entry) : entry.distance }
  }
}
