import { expect, it } from 'vitest'
import type { Ring, Server } from './opsApi'
import { SeenServers } from './seenServers'

const server = (name: string): Server => ({
  name, place: null, role: 'active', healthy: true, channels: ['p0'], messagesPerSecond: 1, bytesPerSecond: 1, cpu: 0.1,
})
const ring = (...names: string[]): Ring => ({
  transport: 'Ring', channels: '', epoch: 1, pendingEpoch: null, pending: null, discoveryAway: false, servers: names.map(server), pins: [], processes: [],
})

it('a server that was replaced does not vanish, and is itself again when it comes back', () => {
  const seen = new SeenServers()
  const roles = (...names: string[]) => seen.withRemoved(ring(...names)).servers.map(({ name, role, channels }) => [name, role, channels])
  roles('a', 'b')
  expect(roles('b')).toEqual([['b', 'active', ['p0']], ['a', 'removed', []]])
  expect(roles('a', 'b')).toEqual([['a', 'active', ['p0']], ['b', 'active', ['p0']]])
})
