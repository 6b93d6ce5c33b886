import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Connection, TicketRefused, type ConnectionState, type Socket } from '../src/connection.ts'
import type { ServerMessage } from '../src/messages.ts'

const WELCOME = {
  type: 'welcome', userId: '1', sessionId: 's', sharing: true, radius: 8047, pageSize: 20, flushMs: 2000, updateEveryMs: 30000, inactiveAfterMs: 600000, now: 0,
}

/** Plays the gateway: hands out sockets, and does to them what a gateway or a network would. */
class Gateway {
  random = 1
  lost = 0
  readonly sockets: (Socket & { sent: string[]; url: string })[] = []
  readonly states: ConnectionState[] = []
  readonly messages: ServerMessage[] = []
  readonly fresh: boolean[] = []
  ticket: () => Promise<string> = () => Promise.resolve(`t${this.sockets.length + 1}`)
  readonly connection = new Connection({
    gateway: 'http://gateway.example',
    ticket: (fresh) => {
      this.fresh.push(fresh)
      return this.ticket()
    },
    onMessage: (message) => this.messages.push(message),
    onLost: () => this.lost++,
    onState: (state) => this.states.push(state),
    open: (url) => {
      const socket = { url, sent: [] as string[], onmessage: null, onclose: null, send: (text: string) => socket.sent.push(text), close: () => {} }
      this.sockets.push(socket as unknown as (typeof this.sockets)[number])
      return socket as unknown as Socket
    },
    random: () => this.random,
  })

  get last() {
    return this.sockets.at(-1)!
  }

  get state() {
    return this.states.at(-1)!
  }

  async start(): Promise<void> {
    this.connection.start()
    await vi.advanceTimersByTimeAsync(0)
  }

  /** Leaves the connection in a long wait. */
  async failOften(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      this.close(1006)
      await vi.advanceTimersByTimeAsync(30_000)
    }
    this.close(1006)
  }

  say(message: object): void {
    this.last.onmessage?.call(this.last as unknown as WebSocket, { data: JSON.stringify(message) } as MessageEvent)
  }

  close(code: number): void {
    this.last.onclose?.call(this.last as unknown as WebSocket, { code } as CloseEvent)
  }
}

let gateway: Gateway

beforeEach(async () => {
  vi.useFakeTimers()
  gateway = new Gateway()
  await gateway.start()
})

afterEach(() => {
  gateway.connection.stop()
  vi.useRealTimers()
})

describe('a connection', () => {
  it('is one only after the welcome', () => {
    expect(gateway.last.url).toBe('ws://gateway.example/v1/ws?ticket=t1')
    expect(gateway.connection.send({ type: 'foreground' })).toBe(false)

    gateway.say(WELCOME)

    expect(gateway.state).toEqual({ is: 'connected' })
    expect(gateway.connection.send({ type: 'foreground' })).toBe(true)
    expect(gateway.last.sent).toEqual(['{"type":"foreground"}'])
  })

  it('waits as long as the server asks when no ticket is to be had', async () => {
    gateway.ticket = () => Promise.reject(new TicketRefused('retry', 1006, 5_000))
    gateway.close(1006)
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(gateway.fresh).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(gateway.fresh).toHaveLength(3)
  })

  it('asks a silent gateway whether it is there, and leaves one that is not', async () => {
    gateway.say(WELCOME)
    await vi.advanceTimersByTimeAsync(45_000)
    expect(gateway.last.sent).toEqual(['{"type":"foreground","ref":"probe"}'])

    await vi.advanceTimersByTimeAsync(5_000)

    expect(gateway.state).toMatchObject({ is: 'waiting' })
  })

  it('keeps a silent gateway that answers', async () => {
    gateway.say(WELCOME)
    await vi.advanceTimersByTimeAsync(45_000)
    gateway.say({ type: 'nearby', list: 2, page: 1, friends: [], total: 0, cursor: null, ref: 'probe' })
    await vi.advanceTimersByTimeAsync(6_000)

    expect(gateway.state).toEqual({ is: 'connected' })
  })

  it('leaves a gateway that does not answer its goodbye, and sends nothing after it', async () => {
    gateway.say(WELCOME)
    gateway.say({ type: 'reconnect', afterMs: 1_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(gateway.connection.send({ type: 'foreground' })).toBe(false)
    gateway.say({ type: 'friends', list: 1, total: 0 })
    await vi.advanceTimersByTimeAsync(4_999)
    expect([gateway.sockets.length, gateway.lost]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(1)

    expect(gateway.lost).toBe(1)
    expect(gateway.state).toEqual({ is: 'waiting', retryAt: Date.now(), attempt: 1 })
  })

  it('does not wait any longer for somebody who is impatient', async () => {
    await gateway.failOften()
    const before = gateway.sockets.length

    gateway.connection.retryNow()
    await vi.advanceTimersByTimeAsync(0)

    expect(gateway.sockets).toHaveLength(before + 1)
  })

  it('when the network is back, comes back within two seconds, not at once', async () => {
    await gateway.failOften()
    const before = gateway.sockets.length
    gateway.random = 0.5

    gateway.connection.retrySoon()
    await vi.advanceTimersByTimeAsync(999)
    expect(gateway.sockets).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(1)

    expect(gateway.sockets).toHaveLength(before + 1)
  })

})
