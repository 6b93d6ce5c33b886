import type { LatLon, NearbyFriend } from '@nearbyfriends/client'
import { clusters, spread } from './clusters'
import { Cluster } from './clusterMarker'
import { FriendMarker } from './friendMarker'
import type { Ground, Point } from './ground'
import { hideOverlaps, isCovered } from './labels'
import { besideSelf, movedBesideSelf } from './nudge'

/** Markers that are closer to each other are shown as one: the width of a count. */
const REACH = 36
const ARRANGE_EVERY_MS = 300

export interface MarkerTexts {
  /** Oneself. */
  you: string
  unnamed: string
  together(count: number): string
}

export interface MarkersOptions {
  ground: Ground
  reducedMotion: boolean
  onSelect(id: string): void
  /** Somebody wants to see who stands together. */
  onCluster(ids: string[]): void
}

/** Friends as named markers; who stands together is one marker with a count, until it is spread out. */
export class Markers {
  private readonly layer = document.createElement('div')
  private readonly friends = new Map<string, FriendMarker>()
  private clusters: Cluster[] = []
  private spreadOutIds: string[] = []
  private arrangedAt = 0
  private arrangeLater: ReturnType<typeof setTimeout> | undefined
  private selected: string | null = null
  private own: LatLon | null = null
  private texts: MarkerTexts = { you: '', unnamed: '', together: String }

  constructor(private readonly options: MarkersOptions) {
    this.layer.className = 'markers'
    // The list says all of this to who cannot see the map, and better.
    this.layer.setAttribute('aria-hidden', 'true')
    options.ground.overlay.append(this.layer)
    options.ground.onMove(() => this.follow())
  }

  /** `now` by the clock of the friends' times; both in milliseconds. */
  show(friends: NearbyFriend[], now: number, inactiveAfterMs: number, texts: MarkerTexts): void {
    this.texts = texts
    const present = new Set<string>()
    for (const friend of friends) {
      present.add(friend.id)
      const marker = this.friends.get(friend.id) ?? this.create(friend)
      marker.show(friend, friend.name ?? texts.unnamed, now - friend.time, inactiveAfterMs)
    }
    for (const [id, marker] of this.friends) {
      if (present.has(id)) continue
      this.friends.delete(id)
      marker.fade()
    }
    this.arrange()
  }

  /** Where oneself is drawn: nobody lies under it. */
  leaveRoom(own: LatLon | null): void {
    this.own = own
    this.arrange()
  }

  select(id: string | null): void {
    if (this.selected) this.friends.get(this.selected)?.select(false)
    this.selected = id
    if (id) this.friends.get(id)?.select(true)
    this.arrangeNow()
  }

  /** Shows friends who stand in one place around it. */
  spreadOut(ids: string[]): void {
    this.gather()
    this.spreadOutIds = ids
    this.arrangeNow()
  }

  /** Back to their place. */
  gather(): void {
    if (this.spreadOutIds.length === 0) return
    this.spreadOutIds = []
    this.arrangeNow()
  }

  remove(): void {
    clearTimeout(this.arrangeLater)
    this.layer.remove()
  }

  private create(friend: NearbyFriend): FriendMarker {
    const { ground, reducedMotion, onSelect } = this.options
    const marker = new FriendMarker(friend, { layer: this.layer, ground, reducedMotion, onSelect })
    marker.select(friend.id === this.selected)
    this.friends.set(friend.id, marker)
    return marker
  }

  private follow(): void {
    this.friends.forEach((marker) => marker.put())
    this.clusters.forEach((cluster) => cluster.put())
    this.arrange()
  }

  /** Not with every frame. */
  private arrange(): void {
    clearTimeout(this.arrangeLater)
    const wait = this.arrangedAt + ARRANGE_EVERY_MS - performance.now()
    if (wait > 0) this.arrangeLater = setTimeout(() => this.arrange(), wait)
    else this.arrangeNow()
  }

  private arrangeNow(): void {
    this.arrangedAt = performance.now()
    const alone = new Set([...this.spreadOutIds, ...(this.selected ? [this.selected] : [])])
    const self = this.own && this.options.ground.project(this.own)
    // Together is who would cover each other where they are drawn.
    const spots = [...this.friends].filter(([id]) => !alone.has(id)).map(([id, { origin }]) => ({ id, ...movedBesideSelf(origin, self) }))
    const groups = clusters(spots, REACH).filter((group) => group.length > 1)
    const hidden = new Set(groups.flatMap((group) => group.map(({ id }) => id)))
    const shifts = spread(this.spreadOutIds.length)
    this.friends.forEach((marker, id) => {
      marker.hide(hidden.has(id))
      marker.shift(shifts[this.spreadOutIds.indexOf(id)] ?? besideSelf(marker.origin, self))
    })
    this.showClusters(groups.map((group) => group.map(({ id }) => id)), self)
    this.arrangeLabels(hidden, self)
  }

  private showClusters(groups: string[][], self: Point | null): void {
    const before = new Map(this.clusters.map((cluster) => [cluster.first, cluster]))
    this.clusters = groups.flatMap((ids) => {
      const marker = this.friends.get(ids[0] ?? '')
      if (!marker) return []
      const { ground, onCluster } = this.options
      const cluster = before.get(ids[0] ?? '') ?? new Cluster(this.layer, ground, onCluster)
      before.delete(cluster.first)
      cluster.show(ids, marker.place, besideSelf(marker.origin, self), this.texts.together(ids.length))
      return [cluster]
    })
    before.forEach((cluster) => cluster.remove())
  }

  /** Names that would cover each other are left out; who is nearer comes first. */
  private arrangeLabels(hidden: Set<string>, self: Point | null): void {
    const shown = [...this.friends].filter(([id]) => !hidden.has(id))
    const labels = shown.map(([id, { at, name }]) => {
      const label = { ...at, text: name, first: id === this.selected }
      // The name of who is selected is never left out: it goes above where oneself would cover it.
      return { ...label, above: label.first && self !== null && isCovered(label, self) }
    })
    const covered = hideOverlaps([
      ...labels,
      ...(self ? [{ ...self, text: this.texts.you, first: true }] : []),
      // A count is no name, but none may cover it.
      ...this.clusters.map(({ at }) => ({ ...at, text: '', first: true })),
    ])
    shown.forEach(([, marker], i) => {
      marker.hideName(covered[i] === true)
      marker.raiseName(labels[i]?.above === true)
    })
  }
}
