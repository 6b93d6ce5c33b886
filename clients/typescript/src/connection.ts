import { Backoff } from './backoff.ts'
import { ABNORMAL, judge, NORMAL, TOKEN_EXPIRED, type Verdict } from './closeCodes.ts'
import { parse, SUBPROTOCOL, type ClientMessage, type ServerMessage } from './messages.ts'

export type ConnectionState =
  | { is: 'connecting' }
  | { is: 'connected' }
  /** `retryAt`: by this machine's clock, Unix milliseconds. */
  | { is: 'waiting'; retryAt: number; attempt: number }
  | { is: 'stopped'; code: number }

/** The part of a WebSocket that is used, so that tests can play the gateway. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onmessage' | 'onclose'>

export type OpenSocket = (url: string, protocol: string) => Socket

/** Why no ticket could be had, judged as close codes are. */
export class TicketRefused extends Error {
  constructor(
    readonly verdict: Verdict,
    readonly code: number,
    readonly retryAfterMs = 0,
  ) {
    super(`No ticket (${code}).`)
  }
}

export interface ConnectionOptions {
  /** Base address of the gateway, http or https. */
  gateway: string
  /** A ticket for one socket; `fresh` when the token behind the last one was refused. Throws TicketRefused. */
  ticket(fresh: boolean): Promise<string>
  onMessage(message: ServerMessage): void
  /** The socket ended, other than by a planned close: what was sent last may not have arrived. */
  onLost(): void
  onState(state: ConnectionState): void
  open: OpenSocket
  random: () => number
}

/** The first step of the backoff; doubles with every attempt. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** When a network comes back, everybody in it reconnects within this time. */
const ONLINE_JITTER_MS = 2_000
/** So many fresh tokens in a row may be refused. */
const MAX_REFUSED = 3
/** A gateway that has said nothing for so long is asked whether it is still there; browsers do not show its pings. */
const SILENCE_MS = 45_000
/** For its answer, and for everything from the ticket to `welcome`. */
const ANSWER_MS = 10_000

/** A connection to the gateway that comes back by itself, as the contract's close codes say, until it is stopped. */
export class Connection {
  /** When the gateway was last asked for a connection, by this machine's clock, Unix milliseconds. */
  dialledAt = 0

  private readonly backoff: Backoff
  private socket: Socket | null = null
  private welcomed = false
  private stopped = false
  private openedAt = 0
  private refused = 0
  private plannedAt: number | null = null
  /** Only the newest attempt counts. */
  private generation = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private leaving: ReturnType<typeof setTimeout> | undefined
  private answersProbes = true

  constructor(private readonly options: ConnectionOptions) {
    this.backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS, options.random)
  }

  start(): void {
    void this.connect(false)
  }

  /** For good. */
  stop(): void {
    this.stopped = true
    this.abandon()?.close(NORMAL)
    clearTimeout(this.timer)
  }

  /** True when it went out; false when there is no connection, or none that has been welcomed. */
  send(message: ClientMessage): boolean {
    if (!this.welcomed || !this.socket) return false
    this.socket.send(JSON.stringify(message))
    return true
  }

  /** Somebody is impatient: no more waiting. */
  retryNow(): void {
    if (this.isWaiting) this.retryIn(0)
  }

  /** The network is back, for this client and for all others in it. */
  retrySoon(): void {
    if (this.isWaiting) this.retryIn(ONLINE_JITTER_MS * this.options.random())
  }

  /** The network may be gone: a silent gateway is noticed within seconds. */
  probe(): void {
    if (!this.welcomed || !this.answersProbes) return
    this.send({ type: 'foreground', ref: 'probe' })
    this.watch(ANSWER_MS / 2, () => this.lost(ABNORMAL))
  }

  /** In the background the gateway sends nothing, and need not be asked. */
  set background(on: boolean) {
    this.answersProbes = !on
    if (this.welcomed) this.heard()
  }

  private get isWaiting(): boolean {
    return !this.stopped && !this.socket && this.timer !== undefined
  }

  private retryIn(wait: number): void {
    clearTimeout(this.timer)
    this.backoff.reset()
    this.wait(wait, false)
  }

  private async connect(fresh: boolean): Promise<void> {
    this.timer = undefined
    const generation = ++this.generation
    this.options.onState({ is: 'connecting' })
    this.openedAt = Date.now()
    let ticket: string
    try {
      ticket = await this.options.ticket(fresh)
    } catch (failure) {
      if (generation !== this.generation || this.stopped) return
      if (failure instanceof TicketRefused) this.ended(failure.code, failure.verdict, failure.retryAfterMs)
      else this.ended(ABNORMAL, 'retry')
      return
    }
    if (generation !== this.generation || this.stopped) return

    const url = `${this.options.gateway.replace(/^http/, 'ws')}/v1/ws?ticket=${encodeURIComponent(ticket)}`
    this.dialledAt = Date.now()
    const socket = this.options.open(url, SUBPROTOCOL)
    this.socket = socket
    socket.onmessage = (event) => this.receive(String(event.data))
    socket.onclose = (event) => this.lost(event.code)
    this.watch(ANSWER_MS, () => this.lost(ABNORMAL))
  }

  private receive(text: string): void {
    if (this.welcomed) this.heard()
    const message = parse(text)
    if (!message) return
    if (message.type === 'welcome') this.onWelcome()
    else if (message.type === 'reconnect') this.leaveAfter(message.afterMs)
    this.options.onMessage(message)
  }

  private onWelcome(): void {
    this.welcomed = true
    this.refused = 0
    this.options.onState({ is: 'connected' })
    this.heard()
  }

  /**
   * The gateway will close soon and spreads its sessions over time: this one leaves when told to. What goes out after the close
   * would be lost without a word, so there is no connection from then on; the gateway's answer says that it has what went out before.
   */
  private leaveAfter(afterMs: number): void {
    this.plannedAt = Date.now() + afterMs
    clearTimeout(this.leaving)
    this.leaving = setTimeout(() => {
      this.welcomed = false
      this.socket?.close(NORMAL)
      this.watch(ANSWER_MS / 2, () => this.lost(ABNORMAL))
    }, afterMs)
  }

  private lost(code: number): void {
    this.abandon()?.close()
    if (code !== NORMAL) this.options.onLost()
    if (!this.stopped) this.ended(code, judge(code))
  }

  /** Whatever the old socket still has to say is about the past. */
  private abandon(): Socket | null {
    const socket = this.socket
    if (socket) socket.onmessage = socket.onclose = null
    this.socket = null
    this.welcomed = false
    clearTimeout(this.watchdog)
    clearTimeout(this.leaving)
    return socket
  }

  private ended(code: number, verdict: Verdict, retryAfterMs = 0): void {
    if (verdict === 'stop' || (verdict === 'refresh' && ++this.refused >= MAX_REFUSED)) {
      this.stopped = true
      this.options.onState({ is: 'stopped', code })
      return
    }
    if (Date.now() - this.openedAt >= LONGEST_WAIT_MS) this.backoff.reset()
    this.wait(this.waitBefore(code, retryAfterMs), verdict === 'refresh')
  }

  private wait(ms: number, fresh: boolean): void {
    this.options.onState({ is: 'waiting', retryAt: Date.now() + ms, attempt: Math.max(1, this.backoff.attempt) })
    this.timer = setTimeout(() => void this.connect(fresh), ms)
  }

  /** A planned close and the first refused token need no backoff; everything else does. */
  private waitBefore(code: number, retryAfterMs: number): number {
    if (this.plannedAt !== null) {
      const wait = Math.max(0, this.plannedAt - Date.now())
      this.plannedAt = null
      return wait
    }
    return code === TOKEN_EXPIRED && this.refused === 1 ? 0 : Math.max(this.backoff.next(), retryAfterMs)
  }

  private heard(): void {
    this.watch(SILENCE_MS, () => this.probe())
  }

  private watch(afterMs: number, then: () => void): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(then, afterMs)
  }
}
