import type { HistoryPoint, NearbyApi } from '@nearbyfriends/client'
import { batch, computed, signal } from '@preact/signals'
import { notifyProblem } from '../app/notices'
import { dayOf, dayRange, placeAt } from './track'

/** A whole day is played within so many milliseconds. */
const PLAY_MS = 30_000
const FRAME_MS = 50
/** Half a minute apart, a day of walking is some thousand points. */
const EVERY = '30s'

/** A day of the user's own history, and the moment of it that the map shows. */
export class Day {
  /** As "2026-11-27"; null: none is open. */
  readonly date = signal<string | null>(null)
  /** Oldest first; null until they have come. */
  readonly points = signal<HistoryPoint[] | null>(null)
  /** The moment that is shown, Unix milliseconds. */
  readonly time = signal(0)
  readonly isPlaying = signal(false)
  readonly place = computed(() => placeAt(this.points.value ?? [], this.time.value))
  private timer: ReturnType<typeof setInterval> | undefined

  constructor(private readonly api: NearbyApi) {}

  get first(): number {
    return this.points.value?.[0]?.time ?? 0
  }

  get last(): number {
    return this.points.value?.at(-1)?.time ?? 0
  }

  async open(date = dayOf(Date.now())): Promise<void> {
    this.pause()
    batch(() => {
      this.date.value = date
      this.points.value = null
    })
    try {
      const points = (await this.api.history({ ...dayRange(date), every: EVERY })).reverse()
      if (this.date.value !== date) return
      batch(() => {
        this.points.value = points
        this.time.value = this.first
      })
    } catch (failure) {
      if (this.date.value !== date) return
      notifyProblem(failure)
      this.close()
    }
  }

  close(): void {
    this.pause()
    batch(() => {
      this.date.value = null
      this.points.value = null
    })
  }

  /** Goes on, or begins anew where the day is over. */
  play(): void {
    if (this.last === this.first) return
    if (this.time.value >= this.last) this.time.value = this.first
    this.isPlaying.value = true
    const step = ((this.last - this.first) * FRAME_MS) / PLAY_MS
    this.timer = setInterval(() => {
      this.time.value = Math.min(this.time.value + step, this.last)
      if (this.time.value >= this.last) this.pause()
    }, FRAME_MS)
  }

  pause(): void {
    clearInterval(this.timer)
    this.isPlaying.value = false
  }

  seek(time: number): void {
    this.pause()
    this.time.value = time
  }
}
