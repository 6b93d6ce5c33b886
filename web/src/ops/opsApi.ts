import { ApiError, request } from '@nearbyfriends/client'
import type { Settings } from '../session/settings'

export interface Gateway {
  id: string
  url: string
  sessions: number
  draining: boolean
  appliedEpoch: number | null
  updatesPerSecond: number
  deliveriesPerSecond: number
  /** From an update's receipt to the outboxes of its watchers; 0 where nothing was delivered. */
  outboxP50Ms: number
  outboxP99Ms: number
  /** From an update's receipt to the socket that took it: contains the pace of the sessions. */
  p50Ms: number
  p99Ms: number
  /** How long ago it read the journal of consent last. */
  journalAgeSeconds: number
}

export interface Server {
  name: string
  place: string | null
  /** `removed`: was in the ring while this page was open, and is no longer. */
  role: 'active' | 'standby' | 'dead' | 'removed'
  healthy: boolean
  /** Names of partitions; where users have channels of their own, how many groups of those. */
  channels: string[] | number
  messagesPerSecond: number | null
  bytesPerSecond: number | null
  cpu: number | null
}

export interface Ring {
  transport: 'Ring' | 'Cluster' | 'Actors'
  channels: string
  epoch: number
  pendingEpoch: number | null
  /** What is about to change, in words. */
  pending: string | null
  /** What is shown is what was known last. */
  discoveryAway: boolean
  servers: Server[]
  pins: { channel: string; server: string }[]
  processes: { id: string; kind: string; appliedEpoch: number }[]
}

/** What waits on its way to the history's database. */
export interface Lag {
  /** Batches of points in the stream. */
  lag: number
  lagAgeSeconds: number
  /** Batches that could not be stored. */
  deadLetters: number
}

const KEY = 'operator-key'

/** The operator's calls, which any gateway answers. */
export class OpsApi {
  private token: string | null = null

  constructor(private readonly settings: Settings) {}

  /** What an operator typed, for this tab and no longer. */
  get key(): string | null {
    return sessionStorage.getItem(KEY)
  }

  set key(key: string | null) {
    if (key === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, key)
  }

  gateways = async () => ((await this.call('GET', '/gateways')) as { gateways: Gateway[] }).gateways
  ring = async () => (await this.call('GET', '/ring')) as Ring
  history = async () => (await this.call('GET', '/history')) as Lag

  /** A standby takes the server's place in the ring. */
  replace = async (server: string) => void (await this.call('PUT', `/ring/servers/${encodeURIComponent(server)}`))

  private async call(method: string, path: string): Promise<unknown> {
    const url = `${this.settings.gateway ?? ''}/v1/ops${path}`
    if (this.key !== null) return request(method, url, { headers: { 'X-Operator-Key': this.key } })
    if (!this.settings.development) throw new ApiError(401, 'unauthenticated')
    this.token ??= await operatorToken()
    try {
      return await request(method, url, { token: this.token })
    } catch (failure) {
      // The next call gets a new one.
      if (failure instanceof ApiError && failure.status === 401) this.token = null
      throw failure
    }
  }
}

/** In Development anyone may be an operator. */
async function operatorToken(): Promise<string> {
  return ((await request('POST', '/v1/dev/operator-tokens')) as { accessToken: string }).accessToken
}
