import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, NearbyClient, type NearbyApi, type NearbyClientOptions, type Socket } from '../src/index.ts'

const HERE = { lat: 37.788, lon: -122.4075 }
const NOW = 1_764_000_000_000

/** Plays the gateway and the Api for one client. */
class System {
  readonly sockets: (Socket & { sent: { type: string; [field: string]: unknown }[] })[] = []
  ticket: () => Promise<string> = () => Promise.resolve('ticket')
  token = 'opaque'
  readonly client: NearbyClient

  constructor(options: Partial<NearbyClientOptions> = {}) {
    const api = { ticket: () => this.ticket(), accessToken: () => Promise.resolve(this.token), changeMe: (changes: object) => Promise.resolve(changes) }
    this.client = new NearbyClient({
      gateway: 'http://gateway.example',
      api: api as unknown as NearbyApi,
      random: () => 1,
      open: () => {
        const sent: { type: string }[] = []
        const socket = { sent, onmessage: null, onclose: null, send: (text: string) => sent.push(JSON.parse(text) as { type: string }), close: () => {} }
        this.sockets.push(socket as unknown as (typeof this.sockets)[number])
        return socket as unknown as Socket
      },
      ...options,
    })
  }

  get sent() {
    return this.sockets.at(-1)?.sent ?? []
  }

  /** Everything of a type that the present connection was given. */
  sentOf(type: string) {
    return this.sent.filter((message) => message.type === type)
  }

  say(message: object): void {
    const socket = this.sockets.at(-1)
    socket?.onmessage?.call(socket as unknown as WebSocket, { data: JSON.stringify(message) } as MessageEvent)
  }

  async welcome(changes: object = {}): Promise<void> {
    await vi.advanceTimersByTimeAsync(0)
    this.say({
      type: 'welcome', userId: '1', sessionId: 's', sharing: true, radius: 8047, pageSize: 20, flushMs: 2000, updateEveryMs: 30_000,
      inactiveAfterMs: 600_000, now: Date.now(), ...changes,
    })
  }

  nearby(friends: object[], changes: object = {}): void {
    this.say({ type: 'nearby', list: 1, page: 1, friends, total: friends.length, cursor: null, ...changes })
  }

  async lose(code = 1006): Promise<void> {
    const socket = this.sockets.at(-1)
    socket?.onclose?.call(socket as unknown as WebSocket, { code } as CloseEvent)
    await vi.advanceTimersByTimeAsync(0)
  }
}

const friend = (id: string, metres: number) => ({ id, name: `Friend ${id}`, lat: HERE.lat + metres / 111_195, lon: HERE.lon, time: Date.now(), distance: metres })

let system: System

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  system = new System()
})

afterEach(() => {
  system.client.stop()
  vi.useRealTimers()
})

it('a ticket that was asked for ahead opens the first connection, and no other', async () => {
  const opened: string[] = []
  const open = vi.fn((url: string) => {
    opened.push(url)
    return { onmessage: null, onclose: null, send: () => {}, close: () => {} } as unknown as Socket
  })
  system = new System({ ticket: Promise.resolve('ahead'), open })
  system.client.start()
  await vi.advanceTimersByTimeAsync(0)
  const [socket] = open.mock.results.map(({ value }) => value as Socket)
  socket?.onclose?.call(socket as unknown as WebSocket, { code: 1006 } as CloseEvent)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(opened.slice(0, 2).map((url) => new URL(url).searchParams.get('ticket'))).toEqual(['ahead', 'ticket'])
})

async function connected(changes: object = {}): Promise<void> {
  system.client.start()
  await system.welcome(changes)
}

describe('a client', () => {

  it('sends a chosen place again that nobody reaches in the time, and none that a device told', async () => {
    await connected()
    const there = { ...HERE, lat: HERE.lat + 0.1 }
    system.client.moveTo(HERE)
    vi.advanceTimersByTime(2_000)
    system.client.moveTo(there)
    vi.advanceTimersByTime(5_000)
    expect(system.sentOf('location').map(({ lat }) => lat)).toEqual([HERE.lat, there.lat, there.lat])

    system.client.moveTo(HERE, 10)
    vi.advanceTimersByTime(5_000)
    expect(system.sentOf('location')).toHaveLength(4)
  })

  it('loads every page of a list when asked to', async () => {
    system = new System({ everyPage: true })
    await connected()
    system.nearby([friend('2', 100)], { total: 2, cursor: 'next' })
    expect(system.sentOf('page')).toEqual([{ type: 'page', cursor: 'next', ref: 'page' }])
    system.nearby([friend('3', 200)], { page: 2, total: 2 })

    expect(system.client.list.friends.map(({ id }) => id)).toEqual(['2', '3'])
    expect(system.sentOf('page')).toHaveLength(1)
  })

  it('sends what it gathered before a reload', async () => {
    let kept: string | null = JSON.stringify([{ ...HERE, time: NOW - 1_000 }])
    system = new System({ storage: { load: () => kept, save: (text) => (kept = text) } })
    await connected()
    expect(system.sentOf('locations')).toEqual([{ type: 'locations', items: [{ ...HERE, time: NOW - 1_000 }] }])
    system.nearby([], { ref: 'gathered' })
    expect(kept).toBe('[]')
  })

  it('shows an empty list to who stops sharing', async () => {
    await connected()
    system.nearby([friend('2', 100)])
    await system.client.setSharing(false)
    expect(system.client.list).toMatchObject({ friends: [], total: 0 })
  })

  it('shares until an end that was chosen here, or on another device', async () => {
    await connected({ sharingUntil: NOW + 60_000 })
    expect(system.client.sharingUntil).toBe(NOW + 60_000)

    system.client.moveTo(HERE)
    await system.client.setSharing(true, NOW + 3_600_000)
    expect(system.client.sharingUntil).toBe(NOW + 3_600_000)
    expect(system.sentOf('location')).toHaveLength(2) // friends see it under the new end

    system.say({ type: 'sharing', sharing: false })
    expect(system.client).toMatchObject({ sharing: false, sharingUntil: null })
  })

  it('follows another device, and asks again as long as there is none', async () => {
    await connected()
    system.client.follow()
    system.say({ type: 'error', code: 'no_location', message: '', ref: 'follow' })
    expect(system.client.list.nothingToFollow).toBe(true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(system.sentOf('follow')).toHaveLength(2)

    system.nearby([friend('2', 100)])
    expect(system.client.list.nothingToFollow).toBe(false)
  })

  it('outlives its token', async () => {
    const exp = NOW / 1000 + 50
    system.token = `h.${btoa(JSON.stringify({ exp })).replace(/=+$/, '')}.s`
    await connected()
    await vi.advanceTimersByTimeAsync(40_000)
    expect(system.sentOf('token')).toEqual([{ type: 'token', accessToken: system.token }])
  })

  it('renews nothing for a session that was stopped while the token was on its way', async () => {
    let give = (_: string) => {}
    const accessToken = vi.fn(() => new Promise<string>((resolve) => (give = resolve)))
    const api = { ticket: () => Promise.resolve('ticket'), accessToken }
    system = new System({ api: api as unknown as NearbyApi })
    await connected()
    system.client.stop()
    give(`h.${btoa(JSON.stringify({ exp: NOW / 1000 + 50 }))}.s`)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(accessToken).toHaveBeenCalledTimes(1)
  })

  it('asks for no next token while there is no session', async () => {
    const accessToken = vi.fn(() => Promise.resolve(`h.${btoa(JSON.stringify({ exp: NOW / 1000 + 50 }))}.s`))
    const ticket = vi.fn(() => Promise.resolve('ticket'))
    system = new System({ api: { ticket, accessToken } as unknown as NearbyApi })
    await connected()
    ticket.mockRejectedValue(new Error('offline'))
    await system.lose()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(accessToken).toHaveBeenCalledTimes(1)
  })

  it('says so where there is no WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(() => new NearbyClient({ gateway: 'http://gateway.example', api: {} as NearbyApi })).toThrow('--experimental-websocket')
    vi.unstubAllGlobals()
  })

  it.each([[401, 'unauthenticated', 4401], [403, 'locked', 4403]])('stops when the Api answers %i %s', async (status, problem, code) => {
    system.ticket = () => Promise.reject(new ApiError(status, problem))
    system.client.start()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(system.client.connection).toEqual({ is: 'stopped', code })
  })
})
