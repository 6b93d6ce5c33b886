import type { LatLon, NearbyFriend } from '@nearbyfriends/client'
import { avatarHue, initials } from '../people/face'
import { freshness } from './freshness'
import type { Ground, Point } from './ground'

/** A little less than the gateway's usual pause between two moves, so that markers hardly ever stand. */
const GLIDE_MS = 1_600
/** Farther jumps on the screen are no movement that an eye would follow. */
const GLIDE_PIXELS = 400
const FADE_MS = 500

export interface FriendMarkerOptions {
  layer: HTMLElement
  ground: Ground
  reducedMotion: boolean
  onSelect(id: string): void
}

/** One friend on the map: glides to new places, shows how old its position is, and fades when the friend leaves. */
export class FriendMarker {
  place: LatLon
  /** The place on the screen. */
  origin: Point = { x: 0, y: 0 }
  /** Where the marker belongs on the screen; a glide may still be on its way there. */
  at: Point = { x: 0, y: 0 }
  name = ''
  /** Placed by a shift that follows the map at once... */
  private readonly outer = document.createElement('button')
  /** ...with the way that is left to glide inside of it. */
  private readonly inner: HTMLElement
  private readonly avatar: HTMLElement
  private readonly label: HTMLElement
  private shifted: Point | null = null
  private glide: Animation | null = null

  constructor(
    { id, lat, lon }: NearbyFriend,
    private readonly options: FriendMarkerOptions,
  ) {
    this.place = { lat, lon }
    this.outer.type = 'button'
    this.outer.tabIndex = -1
    this.outer.className = 'marker'
    this.outer.dataset.friend = id
    this.outer.innerHTML = '<span class="marker-inner"><span class="avatar"></span><span class="marker-label"></span></span>'
    this.inner = this.outer.firstElementChild as HTMLElement
    ;[this.avatar, this.label] = this.inner.children as unknown as [HTMLElement, HTMLElement]
    this.avatar.style.setProperty('--hue', String(avatarHue(id)))
    this.outer.addEventListener('click', (event) => {
      event.stopPropagation()
      options.onSelect(id)
    })
    options.layer.append(this.outer)
    this.put()
    if (!options.reducedMotion) this.outer.animate([{ opacity: 0 }, { opacity: 1 }], FADE_MS)
  }

  /** `age` of the position, milliseconds. */
  show(friend: NearbyFriend, name: string, age: number, inactiveAfterMs: number): void {
    if (this.name !== name) {
      this.name = this.label.textContent = name
      this.avatar.textContent = friend.name ? initials(friend.name) : ''
    }
    this.outer.dataset.age = freshness(age, inactiveAfterMs)
    if (this.place.lat !== friend.lat || this.place.lon !== friend.lon) this.moveTo({ lat: friend.lat, lon: friend.lon })
  }

  put(): void {
    const { x, y } = (this.origin = this.options.ground.project(this.place))
    this.at = { x: x + (this.shifted?.x ?? 0), y: y + (this.shifted?.y ?? 0) }
    this.outer.style.transform = `translate(${this.at.x.toFixed(1)}px, ${this.at.y.toFixed(1)}px)`
    this.outer.dataset.lat = String(this.place.lat)
    this.outer.dataset.lon = String(this.place.lon)
  }

  /** Beside its place by so many pixels; null: in its place. */
  shift(by: Point | null): void {
    this.shifted = by
    this.put()
  }

  select(on: boolean): void {
    this.outer.classList.toggle('selected', on)
  }

  /** Shown as part of a cluster instead. */
  hide(on: boolean): void {
    this.outer.classList.toggle('clustered', on)
  }

  hideName(on: boolean): void {
    this.label.classList.toggle('covered', on)
  }

  /** Above the marker instead of below it. */
  raiseName(on: boolean): void {
    this.label.classList.toggle('raised', on)
  }

  fade(): void {
    delete this.outer.dataset.friend
    if (this.options.reducedMotion) {
      this.outer.remove()
      return
    }
    this.outer.animate([{ opacity: 1 }, { opacity: 0, filter: 'grayscale(1)' }], { duration: FADE_MS, fill: 'forwards' }).onfinish = () => this.outer.remove()
  }

  private moveTo(place: LatLon): void {
    const before = this.shown()
    this.place = place
    this.put()
    const [dx, dy] = [before.x - this.at.x, before.y - this.at.y]
    this.glide?.cancel()
    this.glide = null
    if (this.options.reducedMotion || Math.hypot(dx, dy) > GLIDE_PIXELS || Math.hypot(dx, dy) < 0.5) return
    this.glide = this.inner.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], {
      duration: GLIDE_MS,
      easing: 'cubic-bezier(.3,.1,.4,1)',
    })
  }

  /** Where the marker is on the screen now, which may be half way. */
  private shown(): Point {
    if (this.glide?.playState !== 'running') return this.at
    const { m41, m42 } = new DOMMatrix(getComputedStyle(this.inner).transform)
    return { x: this.at.x + m41, y: this.at.y + m42 }
  }
}
