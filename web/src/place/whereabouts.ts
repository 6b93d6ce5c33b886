import { effect, signal } from '@preact/signals'
import type { City } from '../map/city'
import type { LatLon } from '@nearbyfriends/client'
import type { Session } from '../session/session'
import { Stroll, STROLL_SPEED, Streets } from './walk'

/** How the page knows where its user is. */
export type PlaceMode = 'pin' | 'walk' | 'device' | 'follow'

export type PlaceProblem = 'insecure' | 'denied' | 'unavailable'

/** Union Square: where a visitor of the demo begins. */
export const CITY_CENTRE: LatLon = { lat: 37.788, lon: -122.4075 }

const STEP_MS = 500

/** The own place in its four ways: put on the map, strolling, told by the device, or another device's. */
export class Whereabouts {
  readonly mode = signal<PlaceMode | null>(null)
  readonly problem = signal<PlaceProblem | null>(null)
  private readonly memory: PlaceMemory
  private readonly endMemory: () => void
  private stopCurrent: () => void = () => {}
  private streets: Streets | null = null
  private last: LatLon = CITY_CENTRE

  constructor(
    private readonly session: Session,
    private readonly city: () => City | null,
  ) {
    this.memory = new PlaceMemory(session.me.value.id)
    this.endMemory = effect(() => {
      if (this.mode.value) this.memory.write({ mode: this.mode.value, place: session.place.value ?? this.last })
    })
  }

  /** Somewhere on the map; ends every other way. */
  put(place: LatLon): void {
    if (this.mode.value !== 'pin') this.begin('pin')
    this.session.moveTo(place)
  }

  choose(mode: PlaceMode): void {
    if (mode === this.mode.value) return
    this.begin(mode)
    if (mode === 'pin') this.session.moveTo(this.last)
    else if (mode === 'walk') this.walk(this.last)
    else if (mode === 'device') this.watchDevice()
    else this.session.follow()
  }

  /** A page that is loaded again goes on as before; else from `otherwise`, if there is such a place. */
  resume(otherwise: LatLon | null): void {
    const kept = this.memory.read()
    if (kept) {
      this.last = kept.place
      this.choose(kept.mode)
    } else if (otherwise) {
      this.put(otherwise)
    }
  }

  end(): void {
    this.stopCurrent()
    this.endMemory()
  }

  private begin(mode: PlaceMode): void {
    this.last = this.session.place.value ?? this.last
    this.stopCurrent()
    this.stopCurrent = () => {}
    this.problem.value = null
    this.mode.value = mode
  }

  private walk(start: LatLon): void {
    this.streets ??= new Streets(this.city())
    const stroll = new Stroll(start, this.streets)
    let before = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      // A tab that was asleep does not run after the time it missed.
      this.session.moveTo(stroll.advance((STROLL_SPEED * Math.min(now - before, 2_000)) / 1000))
      before = now
    }, STEP_MS)
    this.session.moveTo(start)
    this.stopCurrent = () => clearInterval(timer)
  }

  private watchDevice(): void {
    if (!isSecureContext || !('geolocation' in navigator)) {
      this.problem.value = 'insecure'
      return
    }
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        this.problem.value = null
        this.session.moveTo({ lat: coords.latitude, lon: coords.longitude }, coords.accuracy)
      },
      (failure) => (this.problem.value = failure.code === failure.PERMISSION_DENIED ? 'denied' : 'unavailable'),
      { enableHighAccuracy: true, maximumAge: 5_000 },
    )
    this.stopCurrent = () => navigator.geolocation.clearWatch(watch)
  }
}


/** Where a user was, and how the page knew, for as long as the tab lives. */
class PlaceMemory {
  private readonly key: string

  constructor(userId: string) {
    this.key = `place-${userId}`
  }

  read(): { mode: PlaceMode; place: LatLon } | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? 'null') as { mode: PlaceMode; place: LatLon } | null
    } catch {
      return null
    }
  }

  write(state: { mode: PlaceMode; place: LatLon }): void {
    sessionStorage.setItem(this.key, JSON.stringify(state))
  }
}
