import { batch, signal } from '@preact/signals'
import { NearbyList, type NearbyFriend } from '../list/nearbyList'
import { Connection, TicketRefused, type ConnectionState } from '../protocol/connection'
import { judge, TOKEN_EXPIRED } from '../protocol/closeCodes'
import type { ErrorMessage, LatLon, LeaveReason, OwnLocation, ServerMessage, Welcome } from '../protocol/messages'
import { Pace } from '../place/pace'
import { Api, ApiError, type Me, type Settings } from './api'
import { OfflinePoints } from './offlinePoints'
import type { TokenSource } from './tokens'

/** What a session tells that is not a state: shown for a moment, or said to who cannot see it. */
export type SessionEvent =
  | { is: 'left'; friend: NearbyFriend; reason: LeaveReason }
  | { is: 'friendAdded'; id: string; name: string }
  | { is: 'friendRemoved'; id: string }
  | { is: 'error'; code: string }

/** Friends that are told a clock apart from ours by less are on the same clock. */
const CLOCK_TOLERANCE_MS = 2_000
const FOLLOW_AGAIN_MS = 5_000

/** One user on this page: the connection, the live list, the own place; what the views show is in its signals. */
export class Session {
  readonly connection = signal<ConnectionState>({ is: 'connecting' })
  readonly welcome = signal<Welcome | null>(null)
  readonly sharing = signal(true)
  readonly radius = signal(8047)
  /** Everyone known nearby, nearest first. */
  readonly friends = signal<NearbyFriend[]>([])
  readonly total = signal(0)
  /** Whether the gateway has answered with a list since the place was first known. */
  readonly listed = signal(false)
  readonly hasMore = signal(false)
  readonly place = signal<LatLon | null>(null)
  readonly following = signal(false)
  /** Following, but no other device has shared a place lately. */
  readonly nothingToFollow = signal(false)
  /** Part of the location cache is away: the list may lack friends until they move. */
  readonly partial = signal(false)
  readonly api: Api

  private readonly list = new NearbyList((friend, reason) => this.emit({ is: 'left', friend, reason }))
  private readonly listeners = new Set<(event: SessionEvent) => void>()
  private readonly offline = new OfflinePoints()
  private readonly pace = new Pace(600_000)
  private readonly socket: Connection
  private readonly ticking: ReturnType<typeof setInterval>
  private renewal: ReturnType<typeof setTimeout> | undefined
  private lastSent: OwnLocation | null = null
  private chosenRadius: number | null = null
  private hidden = document.hidden
  private clockOffset = 0

  constructor(
    settings: Settings,
    readonly me: Me,
    private readonly tokens: TokenSource,
  ) {
    this.api = new Api((fresh) => tokens.token(fresh))
    this.sharing.value = me.sharing
    this.socket = new Connection({
      gateway: settings.gateway ?? location.origin,
      ticket: (fresh) => this.ticket(fresh),
      onMessage: (message) => batch(() => this.receive(message)),
      onState: (state) => (this.connection.value = state),
    })
    this.ticking = setInterval(() => this.tick(), 1000)
    addEventListener('online', this.onOnline)
    addEventListener('offline', this.onOffline)
    document.addEventListener('visibilitychange', this.onVisibility)
    this.socket.start()
  }

  /** The gateway's clock, Unix milliseconds, when the page's own shows `at`. */
  now(at = Date.now()): number {
    return at + this.clockOffset
  }

  on(listener: (event: SessionEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  end(): void {
    clearInterval(this.ticking)
    clearTimeout(this.renewal)
    removeEventListener('online', this.onOnline)
    removeEventListener('offline', this.onOffline)
    document.removeEventListener('visibilitychange', this.onVisibility)
    this.socket.stop()
  }

  /** Where one is now; sent when it is worth it, kept while there is no connection. */
  moveTo(place: LatLon, accuracy?: number): void {
    const point: OwnLocation = { lat: place.lat, lon: place.lon, time: this.now(), ...(accuracy === undefined ? {} : { accuracy }) }
    batch(() => {
      this.following.value = false
      this.place.value = place
      this.list.moveTo(place)
      this.show()
    })
    if (this.sharing.value && this.pace.isDue(point)) this.sendLocation(point)
  }

  /** Shows the list around the place that another device shares, and shares none from here. */
  follow(): void {
    batch(() => {
      this.following.value = true
      this.place.value = null
      this.lastSent = null
      this.list.moveTo(null)
    })
    this.socket.send({ type: 'follow', ref: 'follow' })
  }

  setRadius(metres: number): void {
    this.radius.value = this.chosenRadius = metres
    this.socket.send({ type: 'radius', metres })
  }

  async setSharing(on: boolean): Promise<void> {
    this.onSharing((await this.api.changeMe({ sharing: on })).sharing)
  }

  /** Asks for the next page; it comes as a message. */
  more(): void {
    if (this.list.cursor) this.socket.send({ type: 'page', cursor: this.list.cursor, ref: 'page' })
  }

  /** At once, for somebody who does not want to wait for the next attempt. */
  retryNow(): void {
    this.socket.retryNow()
  }

  /** As when one ended the friendship here: no need to wait for the gateway to say so. */
  forget(id: string): void {
    this.list.remove(id, 'gone')
    this.show()
  }

  private async ticket(fresh: boolean): Promise<string> {
    try {
      return (await this.api.ticket(fresh)).ticket
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.status === 0 || failure.status >= 500 || failure.status === 429) {
        throw new TicketRefused('retry', 1006, failure instanceof ApiError ? failure.retryAfterMs : 0)
      }
      // 401: the user, or the token, is gone for good, since the call has tried a fresh one; 403: locked.
      const code = failure.status === 403 ? 4403 : TOKEN_EXPIRED
      throw new TicketRefused(judge(code), code)
    }
  }

  private receive(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.onWelcome(message)
        break
      case 'nearby':
        this.list.applyPage(message)
        this.nothingToFollow.value = false
        this.listed.value = true
        if (message.page <= 1) this.partial.value = false
        this.show()
        break
      case 'friends':
        this.list.applyUpdate(message)
        this.show()
        break
      case 'friendAdded':
        this.emit({ is: 'friendAdded', id: message.friend.id, name: message.friend.name })
        break
      case 'friendRemoved':
        this.forget(message.id)
        this.emit({ is: 'friendRemoved', id: message.id })
        break
      case 'sharing':
        this.onSharing(message.sharing)
        break
      case 'error':
        this.onError(message)
        break
      case 'reconnect':
      case 'token':
        break
    }
  }

  private onWelcome(welcome: Welcome): void {
    const offset = welcome.now - Date.now()
    this.clockOffset = Math.abs(offset) < CLOCK_TOLERANCE_MS ? 0 : offset
    this.list.inactiveAfterMs = this.pace.inactiveAfterMs = welcome.inactiveAfterMs
    this.welcome.value = welcome
    this.sharing.value = welcome.sharing
    if (this.chosenRadius === null) this.radius.value = welcome.radius
    else this.socket.send({ type: 'radius', metres: this.chosenRadius })
    this.resume()
    this.renewLater()
  }

  /** Brings a new session to where the old one was. */
  private resume(): void {
    if (this.following.value) this.socket.send({ type: 'follow', ref: 'follow' })
    else if (this.sharing.value) {
      const gathered = this.offline.take(this.now())
      gathered.forEach((items) => this.socket.send({ type: 'locations', items }))
      if (gathered.length === 0 && this.place.value) this.sendLocation({ ...(this.lastSent ?? this.place.value), ...this.place.value, time: this.now() })
    }
    this.socket.background = this.hidden
    if (this.hidden) this.socket.send({ type: 'background' })
  }

  private sendLocation(point: OwnLocation): void {
    this.lastSent = point
    if (!this.socket.send({ type: 'location', ...point })) this.offline.add(point)
  }

  /** The session outlives its token by getting the next one. */
  private renewLater(): void {
    clearTimeout(this.renewal)
    const wait = this.tokens.renewIn()
    // A timer cannot wait for longer than 24 days.
    if (wait !== null && wait < 2 ** 31) this.renewal = setTimeout(() => void this.renew(), Math.max(wait, 1000))
  }

  private async renew(): Promise<void> {
    try {
      this.socket.send({ type: 'token', accessToken: await this.tokens.token(true) })
      this.renewLater()
    } catch {
      // The session then ends with its token, and the reconnect asks for a fresh one.
    }
  }

  private onSharing(on: boolean): void {
    this.sharing.value = on
    if (!on) {
      this.list.clear()
      this.show()
    } else if (this.following.value) {
      this.socket.send({ type: 'follow', ref: 'follow' })
    } else if (this.place.value) {
      this.sendLocation({ ...this.place.value, time: this.now() })
    }
  }

  private onError(error: ErrorMessage): void {
    if (error.code === 'clock_skew' && error.now !== undefined) {
      this.clockOffset = error.now - Date.now()
      if (this.lastSent) this.sendLocation({ ...this.lastSent, time: this.now() })
    } else if (error.code === 'partial') {
      this.partial.value = true
    } else if (error.code === 'cursor_expired') {
      this.socket.send({ type: 'foreground' })
    } else if (error.code === 'no_location') {
      if (error.ref === 'follow') this.followAgain()
    } else if (error.code === 'not_sharing') {
      this.onSharing(false)
    } else {
      this.emit({ is: 'error', code: error.code })
    }
  }

  private followAgain(): void {
    this.nothingToFollow.value = true
    setTimeout(() => {
      if (this.following.value && this.nothingToFollow.value) this.socket.send({ type: 'follow', ref: 'follow' })
    }, FOLLOW_AGAIN_MS)
  }

  /** Once a second: who fell silent goes, and who stands still says that they are there. */
  private tick(): void {
    if (this.list.expire(this.now())) this.show()
    if (this.place.value && this.sharing.value && !this.following.value) {
      const point = { ...(this.lastSent ?? this.place.value), ...this.place.value, time: this.now() }
      if (this.pace.isDue(point)) this.sendLocation(point)
    }
  }

  private show(): void {
    batch(() => {
      this.friends.value = this.list.sorted().map((friend) => ({ ...friend }))
      this.total.value = Math.max(this.list.total, 0)
      this.hasMore.value = this.list.cursor !== null
    })
  }

  private emit(event: SessionEvent): void {
    this.listeners.forEach((listener) => listener(event))
  }

  private readonly onOnline = () => {
    this.socket.retryNow()
    this.socket.probe()
  }

  private readonly onOffline = () => this.socket.probe()

  private readonly onVisibility = () => {
    this.hidden = document.hidden
    this.socket.background = this.hidden
    if (this.hidden) this.socket.send({ type: 'background' })
    else {
      // Answered by a new list, or by nothing: then the connection died while nobody looked.
      this.socket.retryNow()
      this.socket.probe()
    }
  }
}
