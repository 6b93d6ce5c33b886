import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { developmentTokens, NearbyApi, NearbyClient, register } from '../src/index.ts'

/**
 * Against a running system in Development, if there is one: NEARBY_API and NEARBY_GATEWAY are its base addresses. Node.js 20
 * needs NODE_OPTIONS=--experimental-websocket.
 */
const { NEARBY_API: api, NEARBY_GATEWAY: gateway } = process.env
const PATIENCE = { timeout: 20_000, interval: 50 }
const HERE = { lat: 37.788, lon: -122.4075 }

describe.skipIf(!api || !gateway)('with a real gateway', () => {
  let ada: NearbyApi
  let bo: NearbyApi
  const clients: NearbyClient[] = []

  beforeEach(async () => {
    ;[ada, bo] = [await newUser('Ada'), await newUser('Bo')]
    await ada.requestFriend((await bo.me()).id)
    await bo.requestFriend((await ada.me()).id)
  })

  afterEach(() => clients.splice(0).forEach((client) => client.stop()))

  it('friends see each other move, and an unfriended one leaves', { timeout: 60_000 }, async () => {
    const [adas, bos] = [connect(ada), connect(bo)]
    adas.moveTo(HERE)
    bos.moveTo({ ...HERE, lat: HERE.lat + 0.001 })
    await vi.waitFor(() => expect(adas.list.friends).toMatchObject([{ name: 'Bo' }]), PATIENCE)
    await vi.waitFor(() => expect(bos.list.friends[0]?.distance).toBeCloseTo(111.2, 0), PATIENCE)

    await ada.unfriend((await bo.me()).id)
    await vi.waitFor(() => expect(bos.list.friends).toEqual([]), PATIENCE)
  })

  it('who hides is gone, and comes back', { timeout: 60_000 }, async () => {
    const [adas, bos] = [connect(ada), connect(bo)]
    adas.moveTo(HERE)
    bos.moveTo(HERE)
    await vi.waitFor(() => expect(adas.list.friends).toHaveLength(1), PATIENCE)
    await bos.setSharing(false)
    await vi.waitFor(() => expect(adas.list.friends).toEqual([]), PATIENCE)
    await bos.setSharing(true)
    await vi.waitFor(() => expect(adas.list.friends).toHaveLength(1), PATIENCE)
  })

  it('points gathered offline are accepted whole', { timeout: 60_000 }, async () => {
    const now = Date.now()
    let kept: string | null = JSON.stringify(Array.from({ length: 200 }, (_, i) => ({
      lat: HERE.lat + i * 1.23456789e-5, lon: HERE.lon, time: now - (200 - i) * 1_000, accuracy: 12.3456789,
    })))
    connect(ada, { load: () => kept, save: (text) => (kept = text) })
    await vi.waitFor(() => expect(kept).toBe('[]'), PATIENCE)
  })

  async function newUser(name: string): Promise<NearbyApi> {
    const userName = `${name.toLowerCase()}-${crypto.randomUUID().slice(0, 8)}`
    await register(api!, userName, name)
    return new NearbyApi(api!, developmentTokens(api!, userName))
  }

  function connect(user: NearbyApi, storage?: { load(): string | null; save(text: string): void }): NearbyClient {
    const client = new NearbyClient({ gateway: gateway!, api: user, ...(storage ? { storage } : {}) })
    clients.push(client)
    client.start()
    return client
  }
})
