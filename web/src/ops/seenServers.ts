import type { Ring, Server } from './opsApi'

/** The ring's servers as this page saw them: one that a standby has replaced stays in the table, as removed. */
export class SeenServers {
  private readonly servers = new Map<string, Server>()

  withRemoved(ring: Ring): Ring {
    ring.servers.forEach((server) => this.servers.set(server.name, server))
    const present = new Set(ring.servers.map(({ name }) => name))
    const removed = [...this.servers.values()].filter(({ name }) => !present.has(name)).map((server): Server => ({
      ...server, role: 'removed', healthy: false, channels: [], messagesPerSecond: null, bytesPerSecond: null, cpu: null,
    }))
    return { ...ring, servers: [...ring.servers, ...removed] }
  }
}
