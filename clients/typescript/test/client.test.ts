import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, NearbyClient, type ListState, type NearbyApi, type NearbyClientOptions, type Socket } from '../src/index.ts'

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
  it('shares where it is, and tells who is near', async () => {
    const lists: ListState[] = []
    system.client.on('list', (list) => lists.push(list))
    await connected()
    system.client.moveTo(HERE, 12)
    expect(system.sent).toEqual([{ type: 'location', ...HERE, time: NOW, accuracy: 12 }])

    system.nearby([friend('2', 300), friend('3', 100)])

    expect(lists.at(-1)).toMatchObject({ isOpen: true, total: 2, hasMore: false, friends: [{ id: '3' }, { id: '2' }] })
  })

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

  it('hands on the accuracy of a friend, and that a position is approximate', async () => {
    await connected()
    system.nearby([{ ...friend('2', 300), accuracy: 25, approximate: true }, friend('3', 400)])
    expect(system.client.list.friends).toMatchObject([{ accuracy: 25, approximate: true }, { accuracy: undefined, approximate: false }])
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

  it('asks for a new list when the page that it asked for last has expired, and not for one of an older list', async () => {
    system = new System({ everyPage: true })
    await connected()
    system.nearby([friend('2', 100)], { total: 2, cursor: 'old' })
    system.nearby([friend('2', 100)], { list: 2, total: 2, cursor: 'new' })
    system.say({ type: 'error', code: 'cursor_expired', message: 'm', ref: 'page' })
    expect(system.sentOf('foreground')).toEqual([])

    system.say({ type: 'error', code: 'cursor_expired', message: 'm', ref: 'page' })
    expect(system.sentOf('foreground')).toHaveLength(1)
  })

  it('takes its radius and pace along into the next session', async () => {
    await connected()
    system.client.setRadius(2000)
    system.client.setPace(500)
    await system.lose()
    await vi.advanceTimersByTimeAsync(1_000)
    await system.welcome()

    expect(system.sent).toEqual([{ type: 'radius', metres: 2000 }, { type: 'pace', flushMs: 500 }])
  })

  it('keeps locations while offline, sends where it is now first, and forgets the others once the gateway has them', async () => {
    await connected()
    system.client.moveTo(HERE)
    await system.lose()
    for (let metres = 10; metres <= 30; metres += 10) {
      vi.advanceTimersByTime(1_000)
      system.client.moveTo({ ...HERE, lat: HERE.lat + metres / 111_195 })
    }
    await vi.advanceTimersByTimeAsync(1_000)
    await system.welcome()
    expect(system.sent.map(({ type }) => type)).toEqual(['location', 'locations', 'foreground'])
    expect(system.sentOf('locations')[0]?.items).toHaveLength(3)

    // Lost before the answer: the points go out again.
    await system.lose()
    await vi.advanceTimersByTimeAsync(2_000)
    await system.welcome()
    expect(system.sentOf('locations')[0]?.items).toHaveLength(3)
    system.nearby([], { ref: 'gathered' })

    await system.lose()
    await vi.advanceTimersByTimeAsync(4_000)
    await system.welcome()
    expect(system.sent.map(({ type }) => type)).toEqual(['location'])
  })

  it('sends what it gathered before a reload', async () => {
    let kept: string | null = JSON.stringify([{ ...HERE, time: NOW - 1_000 }])
    system = new System({ storage: { load: () => kept, save: (text) => (kept = text) } })
    await connected()
    expect(system.sentOf('locations')).toEqual([{ type: 'locations', items: [{ ...HERE, time: NOW - 1_000 }] }])
    system.nearby([], { ref: 'gathered' })
    expect(kept).toBe('[]')
  })

  it('keeps no location of who does not share', async () => {
    system.client.start()
    system.client.moveTo(HERE)
    await system.welcome({ sharing: false })
    await system.lose()
    await vi.advanceTimersByTimeAsync(1_000)
    await system.welcome({ sharing: true })
    expect(system.sentOf('locations')).toEqual([])
  })

  it('stands still and stays present', async () => {
    await connected({ inactiveAfterMs: 10_000 })
    system.client.moveTo(HERE)
    await vi.advanceTimersByTimeAsync(4_000)
    expect(system.sentOf('location').map(({ time }) => time)).toEqual([NOW, NOW + 4_000])
  })

  it('sends no place that it no longer knows', async () => {
    await connected({ inactiveAfterMs: 10_000 })
    system.client.moveTo(HERE)
    system.client.forgetPlace()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(system.sentOf('location')).toHaveLength(1)
  })

  it('lives by the gateway’s clock', async () => {
    await connected({ now: NOW + 3_600_000 })
    system.client.moveTo(HERE)
    expect(system.sentOf('location')[0]?.time).toBe(NOW + 3_600_000)

    system.say({ type: 'error', code: 'clock_skew', message: '', now: NOW + 60_000 })
    expect(system.sentOf('location')[1]?.time).toBe(NOW + 60_000)
  })

  it('drops a friend who fell silent', async () => {
    const left: string[] = []
    system.client.on('left', ({ friend: { id }, reason }) => left.push(`${id} ${reason}`))
    await connected({ inactiveAfterMs: 5_000 })
    system.nearby([friend('2', 100)])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(left).toEqual(['2 gone'])
    expect(system.client.list.friends).toEqual([])
  })

  it('shows an empty list to who stops sharing', async () => {
    await connected()
    system.nearby([friend('2', 100)])
    await system.client.setSharing(false)
    expect(system.client.list).toMatchObject({ friends: [], total: 0 })
  })

  it('shows an empty list to who stopped sharing on another device while there was no session', async () => {
    await connected()
    system.nearby([friend('2', 100)])
    await system.lose()
    await vi.advanceTimersByTimeAsync(1_000)
    await system.welcome({ sharing: false })
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

  it('is quiet in the background, and asks for the list when it comes back', async () => {
    await connected()
    system.client.setBackground(true)
    system.client.setBackground(false)
    expect(system.sent).toEqual([{ type: 'background' }, { type: 'foreground', ref: 'probe' }])
  })

  describe('strangers', () => {
    const stranger = (id: string, metres: number, changes: object = {}) => ({ ...friend(id, metres), name: `Stranger ${id}`, ...changes })
    const say = (people: object[], changes: object = {}) => system.say({ type: 'strangers', list: 1, people, left: [], total: people.length, ...changes })

    it('are shown nearest first, and follow what changes', async () => {
      await connected()
      system.client.showStrangers(1_000)
      expect(system.sentOf('strangers')).toEqual([{ type: 'strangers', radius: 1_000, ref: 'strangers' }])

      say([stranger('1', 300), stranger('2', 100)], { total: 70 })
      expect(system.client.strangers.people.map(({ name }) => name)).toEqual(['Stranger 2', 'Stranger 1'])
      say([{ ...stranger('1', 50), name: undefined }], { left: ['2'], total: 69 })
      expect(system.client.strangers).toMatchObject({ people: [{ id: '1', name: 'Stranger 1', distance: 50 }], total: 69 })
      say([stranger('3', 10)], { list: 2 })
      expect(system.client.strangers.people.map(({ id }) => id)).toEqual(['3'])
    })

    it('are asked for again after a break, and the first list of the new session replaces the old one', async () => {
      await connected()
      system.client.showStrangers(1_000)
      say([stranger('1', 300)])
      await system.lose()
      await vi.advanceTimersByTimeAsync(1_000)
      await system.welcome()
      expect(system.sentOf('strangers')).toHaveLength(1)
      say([])
      expect(system.client.strangers.people).toEqual([])
    })

    it('are at a distance from where one is now', async () => {
      await connected()
      system.client.showStrangers(1_000)
      say([stranger('1', 300)])
      system.client.moveTo({ lat: HERE.lat + 300 / 111_195, lon: HERE.lon })
      expect(system.client.strangers.people[0]?.distance).toBeCloseTo(0, 0)
    })

    it('are nobody once it is ended or refused, and sharing stays as it is', async () => {
      await connected()
      system.client.showStrangers(1_000)
      say([stranger('1', 300)])
      system.say({ type: 'error', code: 'no_location', message: '', ref: 'strangers' })
      expect(system.client.strangers.people).toHaveLength(1)
      system.say({ type: 'error', code: 'not_sharing', message: '', ref: 'strangers' })
      expect(system.client.strangers.people).toEqual([])
      expect(system.client.sharing).toBe(true)

      system.client.showStrangers(0)
      say([stranger('1', 300)])
      expect(system.client.strangers.people).toEqual([])
    })
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

  it('says so where there is no WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(() => new NearbyClient({ gateway: 'http://gateway.example', api: {} as NearbyApi })).toThrow('--experimental-websocket')
    vi.unstubAllGlobals()
  })

  it.each([[401, 4401], [403, 4403]])('stops when the Api answers %i', async (status, code) => {
    system.ticket = () => Promise.reject(new ApiError(status, 'no'))
    system.client.start()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(system.client.connection).toEqual({ is: 'stopped', code })
  })
})
