import { ApiError, request } from './http.ts'
import type { FriendVisibility, LatLon, Visibility } from './messages.ts'
import type { AccessToken } from './tokens.ts'

export interface Me {
  id: string
  userName: string
  displayName: string
  sharing: boolean
  /** Unix milliseconds UTC at which sharing ends by itself; null for no end. */
  sharingUntil: number | null
  /** Whether others find the user by the exact user name. */
  discoverable: boolean
  /** Whether strangers nearby see about where the user is, and the user them. */
  strangers: boolean
}

export interface FoundUser {
  id: string
  userName: string
  displayName: string
}

export interface ListedUser {
  id: string
  displayName: string
  /** Unix milliseconds UTC. */
  since: number
}

export interface ListedFriend extends ListedUser {
  /** What the friend sees of the user's location. */
  shows: Visibility
  /** Unix milliseconds UTC at which that ends. */
  showsUntil?: number
}

export interface FriendRequest {
  id: string
  from: string
  to: string
  state: 'pending' | 'accepted' | 'declined'
  displayName: string
  /** Unix milliseconds UTC. */
  requestedAt: number
}

/** A device that sends locations with a password of its own, such as a phone with the OwnTracks app. */
export interface Device {
  id: string
  name: string
  /** Unix milliseconds UTC. */
  createdAt: number
}

export interface AddedDevice extends Device {
  userName: string
  /** Shown this once. */
  password: string
}

export interface HistoryPoint extends LatLon {
  /** Unix milliseconds UTC. */
  time: number
  /** Metres, where the device told one. */
  accuracy?: number
}

export interface HistoryRange {
  /** The oldest and the newest time to include, Unix milliseconds UTC. */
  from: number
  to: number
  /** Only the newest location of each interval, such as `60s`, `5m`, `1h`. */
  every?: string
}

export interface AlertRule {
  /** A friend's id, or `anyone`: every friend who has no alert of its own. */
  userId: string
  /** Metres, 50 to 16,093. */
  within: number
  /** Seconds in which no second alert about the same friend follows, 60 to 604,800. */
  cooldown: number
}

interface Page<T> {
  items: T[]
  cursor: string | null
}

/** The most that a page of the history holds. */
const HISTORY_PAGE = 1_000

/** The REST calls of one user. Each throws ApiError. */
export class NearbyApi {
  /** @param url Base address of the Api; empty in a page that the Api serves. */
  constructor(
    private readonly url: string,
    readonly accessToken: AccessToken,
  ) {}

  /** Makes the token's subject a user, who does not share yet. Throws `name-taken` where somebody has the name. */
  register = (userName: string, displayName: string) => this.call<Me>('POST', '/v1/users', { userName, displayName })
  me = () => this.call<Me>('GET', '/v1/me')
  changeMe = (changes: Partial<Pick<Me, 'displayName' | 'sharing' | 'sharingUntil' | 'discoverable' | 'strangers'>>) =>
    this.call<Me>('PATCH', '/v1/me', changes)
  /** Erases the user with friendships and history. */
  deleteMe = () => this.call<void>('DELETE', '/v1/me')
  /** A single-use ticket for one connection. */
  ticket = async (fresh = false) => (await this.call<{ ticket: string }>('POST', '/v1/tickets', undefined, fresh)).ticket

  find = (userName: string) => this.call<FoundUser>('GET', `/v1/users?userName=${encodeURIComponent(userName)}`)
  friends = () => this.all<ListedFriend>('/v1/friends')
  unfriend = (id: string) => this.call<void>('DELETE', `/v1/friends/${id}`)

  /** What a friend sees of the user's location, wherever it looks; the friend is not told. */
  changeVisibility = (id: string, visibility: FriendVisibility) => this.call<void>('PUT', `/v1/friends/${id}/visibility`, visibility)

  requestFriend = (userId: string) => this.call<{ state: 'pending' | 'accepted' }>('POST', '/v1/friend-requests', { userId })
  friendRequests = (direction: 'incoming' | 'outgoing') => this.all<FriendRequest>(`/v1/friend-requests?direction=${direction}`)
  answerRequest = (id: string, answer: 'accept' | 'decline') => this.call<unknown>('POST', `/v1/friend-requests/${id}/${answer}`)
  /** Takes back a request of one's own; no effect on one that was answered. */
  cancelFriendRequest = (id: string) => this.call<void>('DELETE', `/v1/friend-requests/${id}`)

  blocks = () => this.all<ListedUser>('/v1/blocks')
  block = (id: string) => this.call<void>('PUT', `/v1/blocks/${id}`)
  unblock = (id: string) => this.call<void>('DELETE', `/v1/blocks/${id}`)

  devices = async () => (await this.call<{ items: Device[] }>('GET', '/v1/me/devices')).items
  addDevice = (name: string) => this.call<AddedDevice>('POST', '/v1/me/devices', { name })
  /** Its password is refused from now on. */
  removeDevice = (id: string) => this.call<void>('DELETE', `/v1/me/devices/${id}`)

  /** The user's own locations, newest first. */
  history = ({ from, to, every }: HistoryRange) =>
    this.all<HistoryPoint>(`/v1/me/history?from=${from}&to=${to}&limit=${HISTORY_PAGE}${every === undefined ? '' : `&every=${every}`}`)

  /** Erases the user's own history, also what is under way. */
  deleteHistory = () => this.call<void>('DELETE', '/v1/me/history')

  alerts = async () => (await this.call<{ items: AlertRule[] }>('GET', '/v1/alerts')).items
  /** Tells the user when a friend, or `anyone` of them, comes within so many metres. */
  setAlert = (userId: string, within: number, cooldown?: number) => this.call<AlertRule>('PUT', `/v1/alerts/${userId}`, { within, cooldown })
  removeAlert = (userId: string) => this.call<void>('DELETE', `/v1/alerts/${userId}`)

  /** The key of this system's pushes; throws ApiError 404 where it pushes nothing. */
  pushKey = () => this.call<{ publicKey: string }>('GET', '/v1/push-key')
  /** Pushes to a browser from now on; the same endpoint is the same subscription. */
  addPushSubscription = (subscription: object) => this.call<{ id: string }>('POST', '/v1/push-subscriptions', subscription)
  removePushSubscription = (id: string) => this.call<void>('DELETE', `/v1/push-subscriptions/${id}`)

  private async all<T>(path: string): Promise<T[]> {
    const items: T[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor ? `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : ''
      const page: Page<T> = await this.call<Page<T>>('GET', path + query)
      items.push(...page.items)
      cursor = page.cursor
    } while (cursor)
    return items
  }

  /** A token that was refused is replaced once. */
  private async call<T>(method: string, path: string, body?: unknown, fresh = false): Promise<T> {
    const send = async (token: string) => (await request(method, this.url + path, { body, token })) as T
    try {
      return await send(await this.accessToken(fresh))
    } catch (failure) {
      if (fresh || !(failure instanceof ApiError) || failure.status !== 401) throw failure
      return await send(await this.accessToken(true))
    }
  }
}
