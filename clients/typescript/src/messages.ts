/** The wire contract (docs/asyncapi.yaml). Metres, degrees WGS 84, Unix milliseconds UTC. */

export interface LatLon {
  lat: number
  lon: number
}

export interface OwnLocation extends LatLon {
  time: number
  /** Radius of the fix in metres, where the device knows it. */
  accuracy?: number
}

export interface FriendEntry extends LatLon {
  id: string
  time: number
  distance: number
  /** Absent where the friend was named before. */
  name?: string
  /** Radius of the fix in metres, where the friend's device told one. */
  accuracy?: number
  /** The position is snapped to a grid of 1 km. */
  approximate?: boolean
}

/** What a friend sees: `approximate` is a position snapped to a grid of 1 km, `nothing` looks as if the user were inactive. */
export type Visibility = 'exact' | 'approximate' | 'nothing'

export interface FriendVisibility {
  shows: Visibility
  /** When that ends and what holds without an end comes back. */
  until?: number
}

/** `away`: beyond the radius. `gone`: inactive, hidden, unfriended or blocked; the watcher is not told which. */
export type LeaveReason = 'away' | 'gone'

export interface Welcome {
  type: 'welcome'
  userId: string
  sessionId: string
  sharing: boolean
  /** When sharing ends by itself. */
  sharingUntil?: number
  radius: number
  pageSize: number
  flushMs: number
  updateEveryMs: number
  inactiveAfterMs: number
  now: number
}

export interface NearbyPage {
  type: 'nearby'
  list: number
  page: number
  friends: FriendEntry[]
  total: number
  cursor: string | null
  ref?: string
}

export interface FriendsUpdate {
  type: 'friends'
  list: number
  total: number
  moved?: FriendEntry[]
  left?: { id: string; reason: LeaveReason }[]
}

export interface StrangersUpdate {
  type: 'strangers'
  list: number
  total: number
  /** Ids are pseudonyms; a name comes with who came. */
  people: FriendEntry[]
  left: string[]
  ref?: string
}

/** A friend request of the user's, or to the user. One that is accepted is told by `friendAdded`. */
export interface FriendRequestEvent {
  type: 'friendRequest'
  /** As in REST. */
  id: string
  from: string
  to: string
  /** `closed`: declined, cancelled, or ended by a block; neither is told which. */
  state: 'pending' | 'closed'
  /** Display name of the one who is not the user; of a pending request. */
  name?: string
}

export interface ErrorMessage {
  type: 'error'
  code: string
  message: string
  ref?: string
  /** The gateway's clock; with `clock_skew`. */
  now?: number
}

export type ServerMessage =
  | Welcome
  | NearbyPage
  | FriendsUpdate
  | StrangersUpdate
  | ErrorMessage
  | { type: 'friendAdded'; friend: { id: string; name: string } }
  | { type: 'friendRemoved'; id: string }
  | FriendRequestEvent
  | { type: 'alert'; friend: { id: string; name: string }; distance: number }
  | { type: 'sharing'; sharing: boolean; sharingUntil?: number }
  | ({ type: 'visibility'; id: string } & FriendVisibility)
  | { type: 'reconnect'; afterMs: number }
  | { type: 'token'; expiresAt: number; ref?: string }

export type ClientMessage = { ref?: string } & (
  | ({ type: 'location' } & OwnLocation)
  | { type: 'locations'; items: OwnLocation[] }
  | { type: 'follow' | 'background' | 'foreground' }
  | { type: 'page'; cursor: string }
  | { type: 'radius'; metres: number }
  | { type: 'pace'; flushMs: number }
  | { type: 'strangers'; radius: number }
  | { type: 'token'; accessToken: string }
)

export const SUBPROTOCOL = 'nearbyfriends.v1.json'

const KNOWN = new Set<ServerMessage['type']>([
  'welcome', 'nearby', 'friends', 'strangers', 'error', 'friendAdded', 'friendRemoved', 'friendRequest', 'alert', 'sharing',
  'visibility', 'reconnect', 'token',
])

/** A message of the gateway; null for types that this client does not know, which the contract lets it ignore. */
export function parse(text: string): ServerMessage | null {
  const message = JSON.parse(text) as ServerMessage
  return KNOWN.has(message.type) ? message : null
}
