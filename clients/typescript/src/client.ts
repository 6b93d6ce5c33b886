import type { NearbyApi } from './api.ts'
import { Connection, type ConnectionState, type OpenSocket } from './connection.ts'
import { Credentials } from './credentials.ts'
import { distanceBetween } from './geo.ts'
import { Emitter } from './emitter.ts'
import type {
  ErrorMessage, FriendRequestEvent, FriendVisibility, LatLon, LeaveReason, OwnLocation, ServerMessage, Welcome,
} from './messages.ts'
import { NearbyList, type NearbyFriend } from './nearbyList.ts'
import { OfflineBuffer, type PointStorage } from './offlineBuffer.ts'
import { Pace } from './pace.ts'
import { SentPoints } from './sentPoints.ts'
import { StrangerList, type Stranger } from './strangerList.ts'
import { watchSurroundings } from './surroundings.ts'

export interface NearbyClientOptions {
  /** Base address of the gateway, http or https. */
  gateway: string
  /** For tickets, tokens and the sharing switch. */
  api: NearbyApi
  /** For the first connection, where it was asked for ahead: `api.ticket()`. Later ones ask themselves. */
  ticket?: Promise<string>
  /** Metres; default: as the gateway says (5 miles). */
  radius?: number
  /** Whether to load all pages of every list; default: only the first, and what `more` asks for. */
  everyPage?: boolean
  /** Where locations wait while there is no connection; default: in memory. */
  storage?: PointStorage
  /** Opens a WebSocket; default: the runtime's own (browsers, Node.js 22; Node.js 20 with --experimental-websocket). */
  open?: OpenSocket
  /** Randomness of the jitter, 0 to 1. */
  random?: () => number
}

/** The list as it is now. */
export interface ListState {
  /** Everyone known nearby, nearest first. */
  friends: NearbyFriend[]
  /** How many are nearby by the gateway's count, known here or not. */
  total: number
  /** Whether the gateway has answered with a list. */
  isOpen: boolean
  /** Whether `more` would bring more. */
  hasMore: boolean
  /** A part of the location cache is unavailable: the list may lack friends until they move. */
  isPartial: boolean
  /** Following, but no other device has shared a location lately. */
  nothingToFollow: boolean
}

/** The strangers nearby as they are now. */
export interface StrangersState {
  /** The nearest 50, nearest first. */
  people: Stranger[]
  /** How many there are within the radius. */
  total: number
}

export interface ClientEvents {
  connection: ConnectionState
  welcome: Welcome
  list: ListState
  strangers: StrangersState
  /** Whether the user shares; `sharingUntil` of the client is when that ends. Here or on another device. */
  sharing: boolean
  /** What the user shows a friend, changed here or on another device. */
  visibility: { id: string } & FriendVisibility
  /** Where this device is; null while it follows another one. */
  place: LatLon | null
  left: { friend: NearbyFriend; reason: LeaveReason }
  friendAdded: { id: string; name: string }
  friendRemoved: { id: string }
  /** A hint: what is pending is listed by `NearbyApi.friendRequests`. */
  friendRequest: FriendRequestEvent
  /** A friend came near, as the user wished to be told; metres. */
  alert: { friend: { id: string; name: string }; distance: number }
  /** What the client does not handle itself, such as `rate_limited`. */
  error: ErrorMessage
}

/** What gateways take for possible, an airliner's speed. */
const FASTEST_METRES_PER_SECOND = 300
/** Clocks that differ by less are the same clock. */
const CLOCK_TOLERANCE_MS = 2_000
const FOLLOW_AGAIN_MS = 5_000
const TICK_MS = 1_000

/**
 * One user on one device: stays connected, shares where the device is, and keeps the list of friends nearby. Everything is
 * told by events; the properties hold what was told last.
 */
export class NearbyClient extends Emitter<ClientEvents> {
  connection: ConnectionState = { is: 'connecting' }
  welcome: Welcome | null = null
  list: ListState = { friends: [], total: 0, isOpen: false, hasMore: false, isPartial: false, nothingToFollow: false }
  strangers: StrangersState = { people: [], total: 0 }
  sharing = true
  /** Unix milliseconds UTC at which sharing ends by itself; null for no end. */
  sharingUntil: number | null = null
  place: LatLon | null = null
  following = false

  private readonly credentials: Credentials
  private readonly socket: Connection
  private readonly friends = new NearbyList((friend, reason) => this.emit('left', { friend, reason }))
  private readonly others = new StrangerList()
  private readonly offline: OfflineBuffer
  private readonly sent = new SentPoints()
  private readonly pace = new Pace(600_000)
  private ticking: ReturnType<typeof setInterval> | undefined
  private endSurroundings = () => {}
  private lastSent: OwnLocation | null = null
  /** Questions for a page that were not answered yet; answers come in their order. */
  private pagesAsked = 0
  /** The last place was chosen, and farther away than anybody gets: gateways show it once it is sent again. */
  private confirms = false
  /** Time of the newest point that was gathered offline and sent in this session. */
  private gatheredUpTo: number | null = null
  private radius: number | null
  private flushMs: number | null = null
  private strangersRadius = 0
  private hidden = false
  private clockOffset = 0

  /** Throws where neither the options nor the runtime have a WebSocket. */
  constructor(private readonly options: NearbyClientOptions) {
    super()
    this.credentials = new Credentials(options.api, options.ticket)
    this.radius = options.radius ?? null
    this.offline = new OfflineBuffer(options.storage)
    this.socket = new Connection({
      gateway: options.gateway,
      ticket: (fresh) => this.credentials.ticket(fresh),
      onMessage: (message) => this.receive(message),
      onLost: () => this.offline.add(...this.sent.take()),
      onState: (state) => {
        if (state.is !== 'connected') this.credentials.stop()
        this.emit('connection', (this.connection = state))
      },
      open: options.open ?? openOfRuntime(),
      random: options.random ?? Math.random,
    })
  }

  start(): void {
    this.ticking = setInterval(() => this.tick(), TICK_MS)
    this.endSurroundings = watchSurroundings({
      onOnline: () => {
        this.socket.retrySoon()
        this.socket.probe()
      },
      onOffline: () => this.socket.probe(),
      onVisibility: (hidden) => this.setBackground(hidden),
    })
    this.socket.start()
  }

  /** For good. */
  stop(): void {
    clearInterval(this.ticking)
    this.credentials.stop()
    this.endSurroundings()
    this.socket.stop()
  }

  /** The gateway's clock, Unix milliseconds, when this machine's shows `at`. */
  now(at = Date.now()): number {
    return at + this.clockOffset
  }

  /** Where the device is now; sent when it is worth it, kept while there is no connection. `accuracy` in metres. */
  moveTo(place: LatLon, accuracy?: number): void {
    const point: OwnLocation = { lat: place.lat, lon: place.lon, time: this.now(), ...(accuracy === undefined ? {} : { accuracy }) }
    this.following = false
    this.place = place
    this.friends.moveTo(place)
    this.others.moveTo(place)
    this.emit('place', place)
    this.tell()
    if (this.strangersRadius > 0) this.tellStrangers()
    if (this.sharing && this.pace.isDue(point)) this.sendLocation(point)
  }

  /** Nothing is known of the place any more: none is sent until the next `moveTo`. Friends see the last one until it is inactive. */
  forgetPlace(): void {
    this.place = null
    this.lastSent = null
    this.sent.take()
    this.emit('place', null)
  }

  /** A second screen: shows the list around the place that another device shares, and shares none from here. */
  follow(): void {
    this.following = true
    this.forgetPlace()
    this.friends.moveTo(null)
    this.others.moveTo(null)
    this.sendFollow()
  }

  /** Metres, 100 to the gateway's maximum. */
  setRadius(metres: number): void {
    this.radius = metres
    this.socket.send({ type: 'radius', metres })
  }

  /** The least time between two updates of the list, 500 to 30,000 ms. */
  setPace(flushMs: number): void {
    this.flushMs = flushMs
    this.socket.send({ type: 'pace', flushMs })
  }

  /**
   * Shows strangers within this radius, 100 to 5,000 metres, and follows them; 0 ends it. The user must let strangers see it
   * (`changeMe({ strangers: true })`), else nobody is shown.
   */
  showStrangers(radius: number): void {
    this.strangersRadius = radius
    this.sendStrangers()
    if (radius === 0) this.clearStrangers()
  }

  /** Nobody looks, or somebody does again. In a page the client notices by itself. */
  setBackground(hidden: boolean): void {
    if (hidden === this.hidden) return
    this.hidden = this.pace.background = hidden
    this.socket.background = hidden
    if (hidden) {
      this.socket.send({ type: 'background' })
    } else {
      // Answered by a new list, or by nothing: then the connection died while nobody looked.
      this.socket.retryNow()
      this.socket.probe()
    }
  }

  /** @param until Unix milliseconds UTC at which sharing ends by itself; null for no end. */
  async setSharing(on: boolean, until: number | null = null): Promise<void> {
    const me = await this.options.api.changeMe(on ? { sharing: true, sharingUntil: until } : { sharing: false })
    this.onSharing(me.sharing, me.sharingUntil ?? null)
  }

  /** Asks for the next page of the list. */
  more(): void {
    if (!this.friends.cursor) return
    this.pagesAsked++
    this.socket.send({ type: 'page', cursor: this.friends.cursor, ref: 'page' })
  }

  /** At once, for somebody who does not want to wait for the next attempt. */
  retryNow(): void {
    this.socket.retryNow()
  }

  /** Takes a friend off the list, as when one ended the friendship here. */
  forget(id: string): void {
    this.friends.remove(id, 'gone')
    this.tell()
  }

  private receive(message: ServerMessage): void {
    this.sent.heard()
    switch (message.type) {
      case 'welcome':
        this.onWelcome(message)
        break
      case 'nearby':
        this.friends.applyPage(message)
        this.confirmGathered(message.ref)
        this.confirmPage(message.ref)
        this.tell({ nothingToFollow: false, isOpen: true, ...(message.page <= 1 ? { isPartial: false } : {}) })
        if (this.options.everyPage) this.more()
        break
      case 'friends':
        this.friends.applyUpdate(message)
        this.tell()
        break
      case 'strangers':
        if (this.strangersRadius === 0) break // ended meanwhile
        this.others.apply(message)
        this.tellStrangers()
        break
      case 'friendAdded':
        this.emit('friendAdded', message.friend)
        break
      case 'friendRemoved':
        this.forget(message.id)
        this.emit('friendRemoved', { id: message.id })
        break
      case 'friendRequest':
        this.emit('friendRequest', message)
        break
      case 'alert':
        this.emit('alert', { friend: message.friend, distance: message.distance })
        break
      case 'sharing':
        this.onSharing(message.sharing, message.sharingUntil ?? null)
        break
      case 'visibility':
        this.emit('visibility', message)
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
    // The gateway said it between the dial and now. Where that may be so by what is known of its clock, or by this machine's, that is right.
    const now = Date.now()
    const agrees = (offset: number) =>
      welcome.now > this.socket.dialledAt + offset - CLOCK_TOLERANCE_MS && welcome.now < now + offset + CLOCK_TOLERANCE_MS
    this.clockOffset = [this.clockOffset, 0].find(agrees) ?? welcome.now - now
    this.friends.inactiveAfterMs = this.pace.inactiveAfterMs = welcome.inactiveAfterMs
    this.pace.updateEveryMs = welcome.updateEveryMs
    this.welcome = welcome
    this.emit('welcome', welcome)
    this.sharing = welcome.sharing
    this.sharingUntil = welcome.sharingUntil ?? null
    this.emit('sharing', welcome.sharing)
    this.pagesAsked = 0
    this.sent.take() // the last session ended as planned
    if (!welcome.sharing) this.clearLists() // it may have ended while there was no session
    if (this.radius !== null) this.socket.send({ type: 'radius', metres: this.radius })
    if (this.flushMs !== null) this.socket.send({ type: 'pace', flushMs: this.flushMs })
    this.resume()
    this.others.beginSession()
    if (this.strangersRadius > 0) this.sendStrangers()
    void this.credentials.renew(() => this.now(), (accessToken) => this.socket.send({ type: 'token', accessToken }))
  }

  /** Brings a new session to where the old one was. */
  private resume(): void {
    if (this.following) this.sendFollow()
    else if (this.sharing) this.sendGathered()
    else this.forgetGathered()
    this.socket.background = this.hidden
    if (this.hidden) this.socket.send({ type: 'background' })
  }

  /** The newest points first: older ones go to the history. The answer to `foreground` says that the gateway has them all. */
  private sendGathered(): void {
    if (this.place) this.sendLocation(this.here(this.place))
    const messages = this.offline.messages(this.now())
    messages.forEach((items) => this.socket.send({ type: 'locations', items }))
    this.gatheredUpTo = messages[0]?.at(-1)?.time ?? null
    if (this.gatheredUpTo !== null) this.socket.send({ type: 'foreground', ref: 'gathered' })
  }

  private here(place: LatLon): OwnLocation {
    return { ...(this.lastSent ?? place), ...place, time: this.now() }
  }

  private sendLocation(point: OwnLocation): void {
    this.confirms = point.accuracy === undefined && this.lastSent !== null && isJump(this.lastSent, point)
    this.lastSent = point
    if (this.socket.send({ type: 'location', ...point })) this.sent.add(point)
    else this.offline.add(point)
  }

  private sendFollow(): void {
    this.socket.send({ type: 'follow', ref: 'follow' })
  }

  private sendStrangers(): void {
    this.socket.send({ type: 'strangers', radius: this.strangersRadius, ref: 'strangers' })
  }

  private clearStrangers(): void {
    this.others.clear()
    this.tellStrangers()
  }

  private tellStrangers(): void {
    this.strangers = { people: this.others.sorted().map((person) => ({ ...person })), total: this.others.total }
    this.emit('strangers', this.strangers)
  }

  /** Who does not share sees nobody, and gets no list that says so. */
  private clearLists(): void {
    this.friends.clear()
    this.tell()
    this.clearStrangers()
  }

  private onSharing(on: boolean, until: number | null = null): void {
    this.sharing = on
    this.sharingUntil = on ? until : null
    this.emit('sharing', on)
    if (!on) {
      this.forgetGathered()
      this.clearLists()
    } else if (this.following) {
      this.sendFollow()
    } else if (this.place) {
      this.sendLocation(this.here(this.place))
    }
  }

  private forgetGathered(): void {
    this.offline.clear()
    this.sent.take()
  }

  private confirmGathered(answered: string | undefined): void {
    if (answered === 'gathered' && this.gatheredUpTo !== null) this.offline.confirm(this.gatheredUpTo)
  }

  private confirmPage(answered: string | undefined): void {
    if (answered === 'page') this.pagesAsked--
  }

  private onError(error: ErrorMessage): void {
    this.confirmPage(error.ref)
    // There is no list to show, and yet the gateway has what came before the question.
    if (error.code !== 'rate_limited') this.confirmGathered(error.ref)
    if (error.ref === 'strangers') {
      if (error.code !== 'no_location') this.clearStrangers() // else they come with the location
    } else if (error.code === 'clock_skew' && error.now !== undefined) {
      this.clockOffset = error.now - Date.now()
      this.sent.take() // their times are wrong
      if (this.lastSent) this.sendLocation({ ...this.lastSent, time: this.now() })
    } else if (error.code === 'partial') {
      this.tell({ isPartial: true })
    } else if (error.code === 'cursor_expired') {
      // A page of a newer list is under way, or this list would be replaced by one that replaces the newer one, and so on without end.
      if (this.pagesAsked > 0) return
      this.socket.send({ type: 'foreground' })
    } else if (error.code === 'no_location') {
      if (error.ref === 'follow') this.followAgain()
    } else if (error.code === 'not_sharing') {
      this.onSharing(false)
    } else {
      this.emit('error', error)
    }
  }

  private followAgain(): void {
    this.tell({ nothingToFollow: true })
    setTimeout(() => {
      if (this.following && this.list.nothingToFollow) this.sendFollow()
    }, FOLLOW_AGAIN_MS)
  }

  /** Who fell silent goes, and who stands still says that they are there. */
  private tick(): void {
    if (this.friends.expire(this.now())) this.tell()
    if (!this.place || !this.sharing || this.following) return
    const point = this.here(this.place)
    if (this.pace.isDueNow(point) || this.confirms) this.sendLocation(point)
  }

  private tell(changes: Partial<ListState> = {}): void {
    this.list = {
      ...this.list,
      ...changes,
      friends: this.friends.sorted().map((friend) => ({ ...friend })),
      total: Math.max(this.friends.total, 0),
      hasMore: this.friends.cursor !== null,
    }
    this.emit('list', this.list)
  }
}

/** A device would not be believed, and has the next fix to correct it; somebody who chose a place has not. */
function isJump(from: OwnLocation, to: OwnLocation): boolean {
  return distanceBetween(from, to) > FASTEST_METRES_PER_SECOND * Math.max(1, (to.time - from.time) / 1000)
}

function openOfRuntime(): OpenSocket {
  if (typeof WebSocket === 'undefined') {
    throw new Error('This runtime has no WebSocket: start Node.js 20 with --experimental-websocket, or pass the option `open`.')
  }
  return (url, protocol) => new WebSocket(url, protocol)
}
