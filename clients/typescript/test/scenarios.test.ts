import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NearbyApi, NearbyClient, type Socket } from '../src/index.ts'

/**
 * Plays the scenarios that all client libraries have in common (clients/scenarios, whose README says what the steps mean) with
 * this one.
 */
const FOLDER = new URL('../../scenarios/', import.meta.url)
const BEGIN = 1_764_000_000_000
const METRES_PER_DEGREE = 111_195

type Json = Record<string, unknown>
type Step = {
  welcome?: Json
  say?: Json
  close?: number
  refuse?: { status: number; retryAfter?: string }
  withhold?: number
  advance?: number
  correct?: number
  report?: { lat: number; lon: number; accuracy?: number }
  travel?: { metresPerSecond: number; seconds: number; accuracy?: number }
  call?: 'more' | 'radius' | 'pace' | 'strangers' | 'background' | 'foreground' | 'follow' | 'forget'
  with?: number
  expect?: Json
}
type Scenario = { name: string; each?: unknown[]; jitter?: number; tokenSeconds?: number; farewell?: number; steps: Step[] }

class Player {
  private readonly sockets: Socket[] = []
  private readonly sent: Json[] = []
  private readonly events: unknown[][] = []
  private readonly fresh: boolean[] = []
  private readonly refusals: NonNullable<Step['refuse']>[] = []
  private taken = { sent: 0, events: 0 }
  private withheld = 0
  readonly client: NearbyClient

  constructor({ jitter = 1, tokenSeconds, farewell = 1000 }: Scenario) {
    const api = new NearbyApi('http://api.example', () => this.withheld-- > 0 ? Promise.reject(new Error('withheld')) : Promise.resolve(tokenOf(tokenSeconds)))
    const ticket = api.ticket
    api.ticket = (fresh = false) => (this.fresh.push(fresh), ticket(fresh))
    vi.stubGlobal('fetch', () => Promise.resolve(this.answer()))
    this.client = new NearbyClient({ gateway: 'http://gateway.example', api, random: () => jitter, open: () => this.open(farewell) })
    this.client.on('left', ({ friend, reason }) => this.events.push(['left', friend.id, reason]))
    this.client.on('friendAdded', ({ id, name }) => this.events.push(['friendAdded', id, name]))
    this.client.on('friendRemoved', ({ id }) => this.events.push(['friendRemoved', id]))
    this.client.on('friendRequest', ({ id, from, to, state, name }) => this.events.push(['friendRequest', id, from, to, state, name ?? null]))
    this.client.on('alert', ({ friend, distance }) => this.events.push(['alert', friend.id, friend.name, distance]))
    this.client.on('visibility', ({ id, shows, until }) => this.events.push(['visibility', id, shows, until ?? null]))
    this.client.on('error', ({ code }) => this.events.push(['error', code]))
  }

  async play(step: Step): Promise<void> {
    const { welcome, say, close, refuse, withhold, advance, correct, report, travel, call, expect: expected } = step
    if (welcome) this.say({
      type: 'welcome', userId: '1', sessionId: 's', sharing: true, radius: 8047, pageSize: 20, flushMs: 2000, updateEveryMs: 30_000,
      inactiveAfterMs: 600_000, now: Date.now(), ...welcome,
    })
    if (say) this.say(typeof say['ref'] === 'string' ? { ...say, ref: this.refOf(say['ref']) } : say)
    if (close !== undefined) end(this.socket, close)
    if (refuse) this.refusals.push(refuse)
    if (withhold) this.withheld = withhold
    if (correct) vi.setSystemTime(Date.now() + correct)
    if (report) this.client.moveTo(report, report.accuracy)
    if (travel) await this.travel(travel)
    if (call) this.call(call, step.with ?? 0)
    await vi.advanceTimersByTimeAsync(advance ?? 0)
    if (expected) this.check(expected)
  }

  private get socket(): Socket {
    return this.sockets.at(-1)!
  }

  private open(farewell: number): Socket {
    const send = (text: string) => void this.sent.push(JSON.parse(text) as Json)
    const socket = { onmessage: null, onclose: null, send, close: () => queueMicrotask(() => end(socket, farewell)) } as unknown as Socket
    this.sockets.push(socket)
    return socket
  }

  /** The Api's, which is asked for tickets only. */
  private answer(): Response {
    const { status, retryAfter } = this.refusals.shift() ?? { status: 200 }
    const headers = { date: new Date().toUTCString(), ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) }
    return new Response(status === 200 ? '{"ticket":"t"}' : '', { status, headers })
  }

  private say(message: Json): void {
    this.socket.onmessage?.call(this.socket as WebSocket, { data: JSON.stringify(message) } as MessageEvent)
  }

  /** `@page`: the ref of the last `page` that was sent; `@page:0`: of the first. */
  private refOf(text: string): unknown {
    const [type, index] = text.slice(1).split(':')
    return this.sent.filter((message) => message['type'] === type).at(index === undefined ? -1 : Number(index))?.['ref']
  }

  private async travel({ metresPerSecond, seconds, accuracy }: NonNullable<Step['travel']>): Promise<void> {
    for (let second = 0; second <= seconds; second++) {
      if (second > 0) await vi.advanceTimersByTimeAsync(1_000)
      this.client.moveTo({ lat: 10 + (metresPerSecond * second) / METRES_PER_DEGREE, lon: 20 }, accuracy)
    }
  }

  private call(name: NonNullable<Step['call']>, value: number): void {
    switch (name) {
      case 'more': return this.client.more()
      case 'radius': return this.client.setRadius(value)
      case 'pace': return this.client.setPace(value)
      case 'strangers': return this.client.showStrangers(value)
      case 'background': return this.client.setBackground(true)
      case 'foreground': return this.client.setBackground(false)
      case 'follow': return this.client.follow()
      case 'forget': return this.client.forgetPlace()
    }
  }

  private check(expected: Json): void {
    const { client } = this
    const state: Record<string, () => unknown> = {
      list: () => client.list.friends.map(rounded),
      total: () => client.list.total,
      hasMore: () => client.list.hasMore,
      strangers: () => client.strangers.people.map(rounded),
      sharing: () => client.sharing,
      connection: () => (client.connection.is === 'connecting' ? 'waiting' : client.connection.is),
      fresh: () => this.fresh,
      sent: () => this.sent.slice(this.taken.sent, (this.taken.sent = this.sent.length)).map(counted),
      events: () => this.events.slice(this.taken.events, (this.taken.events = this.events.length)),
    }
    for (const [name, value] of Object.entries(expected)) expect(state[name]!(), name).toMatchObject(value as object)
  }
}

const end = (socket: Socket, code: number) => socket.onclose?.call(socket as WebSocket, { code } as CloseEvent)

/** A JWT that expires so many seconds from now; one that does not tell when it expires. */
const tokenOf = (seconds?: number) =>
  seconds === undefined ? 'opaque' : `h.${btoa(JSON.stringify({ exp: Date.now() / 1000 + seconds })).replace(/=+$/, '')}.s`

/** Whole metres; null for what is not known. */
const rounded = <T extends { distance: number }>(entry: T) =>
  Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, name === 'distance' ? Math.round(entry.distance) : (value ?? null)]))

/** Of gathered points, how many. */
const counted = (message: Json) => {
  expect(JSON.stringify(message).length).toBeLessThanOrEqual(4_096)
  return Array.isArray(message['items']) ? { ...message, items: message['items'].length } : message
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
  describe(file, () => {
    beforeEach(() => void vi.useFakeTimers({ now: BEGIN }))
    afterEach(() => {
      vi.useRealTimers()
      vi.unstubAllGlobals()
    })

    for (const scenario of JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Scenario[]) {
      const { name, each = [null], steps } = scenario
      it.each(each)(`${name}${each.length > 1 ? ': %s' : ''}`, async (value) => {
        const player = new Player(scenario)
        player.client.start()
        await vi.advanceTimersByTimeAsync(0)
        try {
          for (const step of JSON.parse(JSON.stringify(steps).replaceAll('"@each"', JSON.stringify(value))) as Step[]) await player.play(step)
        } finally {
          player.client.stop()
        }
      })
    }
  })
}
