import type { LatLon } from '@nearbyfriends/client'
import { effect, signal } from '@preact/signals'
import { loadCity } from '../map/city'
import { Kept } from '../session/kept'
import type { Session } from '../session/session'
import { isDeviceAllowed, watchDevice, type PlaceProblem } from './device'
import { Stroll, STROLL_SPEED, Streets } from './walk'

/** How the page knows where its user is. */
export type PlaceMode = 'pin' | 'walk' | 'device' | 'follow'

/** Union Square: where the demo takes place. */
export const CITY_CENTRE: LatLon = { lat: 37.788, lon: -122.4075 }

const STEP_MS = 500

/** The own place in its four ways: put on the map, strolling, told by the device, or another device's. */
export class Whereabouts {
  readonly mode = signal<PlaceMode | null>(null)
  readonly problem = signal<PlaceProblem | null>(null)
  /** Where somebody has tapped: nothing is shared of it until `accept`. */
  readonly proposed = signal<LatLon | null>(null)
  private readonly memory: Kept<{ mode: PlaceMode; place: LatLon | null } | null>
  /** The device is asked in the next visit too; a place that was chosen by hand is not true any more by then. */
  private readonly asksDevice: Kept<boolean>
  private readonly endMemory: () => void
  private stopCurrent: () => void = () => {}
  private streets: Streets | null = null
  private last: LatLon | null

  /** @param start Where one is put before one has said anything; null: nowhere. */
  constructor(
    private readonly session: Session,
    start: LatLon | null,
  ) {
    this.last = start
    this.memory = new Kept(sessionStorage, `place-${session.me.value.id}`, null)
    this.asksDevice = new Kept(localStorage, `device-${session.me.value.id}`, false)
    this.endMemory = effect(() => {
      if (this.mode.value) this.memory.value = { mode: this.mode.value, place: session.place.value ?? this.last }
    })
  }

  /** Somewhere on the map, deliberately; ends every other way. */
  put(place: LatLon): void {
    if (this.mode.value !== 'pin') this.begin('pin')
    this.proposed.value = null
    this.session.moveTo(place)
  }

  /** Somewhere on the map, perhaps by mistake. */
  propose(place: LatLon): void {
    this.proposed.value = place
  }

  accept(): void {
    if (this.proposed.value) this.put(this.proposed.value)
  }

  dismiss(): void {
    this.proposed.value = null
  }

  choose(mode: PlaceMode): void {
    if (mode === this.mode.value) return
    this.begin(mode)
    if (mode === 'pin' && this.last) this.session.moveTo(this.last)
    else if (mode === 'walk') this.walk(this.last ?? CITY_CENTRE)
    else if (mode === 'device') this.askDevice()
    else if (mode === 'follow') this.session.follow()
  }

  /** Asks the device again, after it had said no. */
  askDevice(): void {
    this.stopCurrent()
    this.problem.value = null
    this.stopCurrent = watchDevice(
      (place, accuracy) => {
        this.problem.value = null
        this.session.moveTo(place, accuracy)
      },
      (problem) => {
        this.problem.value = problem
        this.session.forgetPlace()
      },
    )
  }

  /** A page that is loaded again continues as before, and a new visit with the device; else, if asked to, one begins where the demo does. */
  resume(otherwise: LatLon | null): void {
    const kept = this.memory.value
    if (kept) {
      this.last = kept.place
      this.choose(kept.mode)
    } else if (otherwise) {
      this.put(otherwise)
    } else if (this.asksDevice.value) {
      void this.resumeDevice()
    }
  }

  /** Without a question: who has to be asked chooses anew. */
  private async resumeDevice(): Promise<void> {
    this.begin('device')
    const allowed = await isDeviceAllowed()
    if (this.mode.value !== 'device') return
    if (allowed) {
      this.askDevice()
    } else {
      this.mode.value = null
      this.memory.value = null
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
    this.proposed.value = null
    this.mode.value = mode
    this.asksDevice.value = mode === 'device'
  }

  private walk(start: LatLon): void {
    this.session.moveTo(start)
    const stop = new AbortController()
    this.stopCurrent = () => stop.abort()
    void loadCity().then((city) => {
      if (stop.signal.aborted) return
      this.streets ??= new Streets(city)
      const stroll = new Stroll(start, this.streets)
      let before = performance.now()
      const timer = setInterval(() => {
        const now = performance.now()
        // A tab that was asleep does not run after the time it missed.
        this.session.moveTo(stroll.advance((STROLL_SPEED * Math.min(now - before, 2_000)) / 1000))
        before = now
      }, STEP_MS)
      stop.signal.addEventListener('abort', () => clearInterval(timer))
    })
  }
}
