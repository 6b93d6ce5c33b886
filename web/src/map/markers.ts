import type { NearbyFriend } from '@nearbyfriends/client'
import type { LatLon } from '@nearbyfriends/client'
import { avatarHue, initials } from '../people/face'
import type { Ground, Point } from './ground'
import { hideOverlaps } from './labels'

/** A little less than the gateway's usual pause between two moves, so that markers hardly ever stand. */
const GLIDE_MS = 1_600
/** Farther jumps on the screen are no movement that an eye would follow. */
const GLIDE_PIXELS = 400
const FADE_MS = 500
const LABELS_EVERY_MS = 300

interface Marker {
  place: LatLon
  at: Point
  /** Placed by a shift that follows the map at once... */
  readonly outer: HTMLButtonElement
  /** ...with the way that is left to glide inside of it. */
  readonly inner: HTMLElement
  readonly label: HTMLElement
  glide: Animation | null
}

/** Friends as named markers, which glide to their new places and fade when they leave. */
export class Markers {
  private readonly layer = document.createElement('div')
  private readonly markers = new Map<string, Marker>()
  private labelsAt = 0
  private labelsLater: ReturnType<typeof setTimeout> | undefined
  private selected: string | null = null

  constructor(
    private readonly ground: Ground,
    private readonly reducedMotion: boolean,
    private readonly onSelect: (id: string) => void,
  ) {
    this.layer.className = 'markers'
    // The list says all of this to who cannot see the map, and better.
    this.layer.setAttribute('aria-hidden', 'true')
    ground.overlay.append(this.layer)
    ground.onMove(() => this.follow())
  }

  show(friends: NearbyFriend[], unnamed: string): void {
    const present = new Set<string>()
    for (const friend of friends) {
      present.add(friend.id)
      const marker = this.markers.get(friend.id)
      if (marker) this.move(marker, friend)
      else this.markers.set(friend.id, this.create(friend))
      this.describe(this.markers.get(friend.id), friend, unnamed)
    }
    for (const [id, marker] of this.markers) if (!present.has(id)) this.fade(id, marker)
    this.arrangeLabels()
  }

  select(id: string | null): void {
    if (this.selected) this.markers.get(this.selected)?.outer.classList.remove('selected')
    this.selected = id
    if (id) this.markers.get(id)?.outer.classList.add('selected')
    this.arrangeLabels()
  }

  remove(): void {
    clearTimeout(this.labelsLater)
    this.layer.remove()
  }

  private create(friend: NearbyFriend): Marker {
    const outer = document.createElement('button')
    outer.type = 'button'
    outer.tabIndex = -1
    outer.className = 'marker'
    outer.dataset.friend = friend.id
    outer.innerHTML = '<span class="marker-inner"><span class="avatar"></span><span class="marker-label"></span></span>'
    const inner = outer.firstElementChild as HTMLElement
    const [avatar, label] = inner.children as unknown as [HTMLElement, HTMLElement]
    avatar.style.setProperty('--hue', String(avatarHue(friend.id)))
    outer.addEventListener('click', (event) => {
      event.stopPropagation()
      this.onSelect(friend.id)
    })
    outer.classList.toggle('selected', friend.id === this.selected)
    this.layer.append(outer)
    const marker: Marker = { place: friend, at: { x: 0, y: 0 }, outer, inner, label, glide: null }
    this.put(marker)
    if (!this.reducedMotion) outer.animate([{ opacity: 0 }, { opacity: 1 }], FADE_MS)
    return marker
  }

  private describe(marker: Marker | undefined, friend: NearbyFriend, unnamed: string): void {
    if (!marker) return
    const name = friend.name ?? unnamed
    if (marker.label.textContent === name) return
    marker.label.textContent = name
    const avatar = marker.inner.firstElementChild
    if (avatar) avatar.textContent = friend.name ? initials(friend.name) : ''
  }

  private move(marker: Marker, to: LatLon): void {
    const { outer } = marker
    outer.dataset.lat = String(to.lat)
    outer.dataset.lon = String(to.lon)
    if (marker.place.lat === to.lat && marker.place.lon === to.lon) return
    const before = this.shown(marker)
    marker.place = to
    this.put(marker)
    const [dx, dy] = [before.x - marker.at.x, before.y - marker.at.y]
    marker.glide?.cancel()
    marker.glide = null
    if (this.reducedMotion || Math.hypot(dx, dy) > GLIDE_PIXELS || Math.hypot(dx, dy) < 0.5) return
    marker.glide = marker.inner.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], {
      duration: GLIDE_MS,
      easing: 'cubic-bezier(.3,.1,.4,1)',
    })
  }

  /** Where the marker is on the screen now, which may be half way. */
  private shown(marker: Marker): Point {
    if (marker.glide?.playState !== 'running') return marker.at
    const { m41, m42 } = new DOMMatrix(getComputedStyle(marker.inner).transform)
    return { x: marker.at.x + m41, y: marker.at.y + m42 }
  }

  private put(marker: Marker): void {
    const { x, y } = this.ground.project(marker.place)
    marker.at = { x, y }
    marker.outer.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    marker.outer.dataset.lat = String(marker.place.lat)
    marker.outer.dataset.lon = String(marker.place.lon)
  }

  private fade(id: string, { outer }: Marker): void {
    this.markers.delete(id)
    delete outer.dataset.friend
    if (this.reducedMotion) {
      outer.remove()
      return
    }
    outer.animate([{ opacity: 1 }, { opacity: 0, filter: 'grayscale(1)' }], { duration: FADE_MS, fill: 'forwards' }).onfinish = () => outer.remove()
  }

  private follow(): void {
    this.markers.forEach((marker) => this.put(marker))
    this.arrangeLabels()
  }

  /** Names that would cover each other are left out; who is nearer comes first. Not with every frame. */
  private arrangeLabels(): void {
    clearTimeout(this.labelsLater)
    const wait = this.labelsAt + LABELS_EVERY_MS - performance.now()
    if (wait > 0) {
      this.labelsLater = setTimeout(() => this.arrangeLabels(), wait)
      return
    }
    this.labelsAt = performance.now()
    const labels = [...this.markers].map(([id, { at, label }]) => ({ at, label, text: label.textContent ?? '', first: id === this.selected }))
    const hidden = hideOverlaps(labels.map(({ at, text, first }) => ({ ...at, text, first })))
    labels.forEach(({ label }, i) => label.classList.toggle('covered', hidden[i] === true))
  }
}
