/** What the Api tells the page about the system, at /config.json. */
export interface Settings {
  gateway: string | null
  style: string | null
  darkStyle: string | null
  development: boolean
  minRadiusMetres: number
  maxRadiusMetres: number
}

export interface Me {
  id: string
  userName: string
  displayName: string
  sharing: boolean
  discoverable: boolean
}

export interface FoundUser {
  id: string
  userName: string
  displayName: string
}

export interface ListedUser {
  id: string
  displayName: string
  since: number
}

export interface FriendRequest {
  id: string
  from: string
  to: string
  state: 'pending' | 'accepted' | 'declined'
  displayName: string
  requestedAt: number
}

interface Page<T> {
  items: T[]
  cursor: string | null
}

/** An answer that is none: RFC 9457 problem details, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable; `unreachable` when nobody answered. */
    readonly code: string,
    readonly retryAfterMs = 0,
  ) {
    super(code)
  }
}

export async function loadSettings(): Promise<Settings> {
  return (await ask('GET', '/config.json')) as Settings
}

/** The REST calls of one user. */
export class Api {
  constructor(private readonly token: (fresh: boolean) => Promise<string>) {}

  me = () => this.call<Me>('GET', '/v1/me')
  changeMe = (changes: Partial<Pick<Me, 'displayName' | 'sharing' | 'discoverable'>>) => this.call<Me>('PATCH', '/v1/me', changes)
  ticket = (fresh = false) => this.call<{ ticket: string }>('POST', '/v1/tickets', undefined, fresh)

  find = (userName: string) => this.call<FoundUser>('GET', `/v1/users?userName=${encodeURIComponent(userName)}`)
  friends = () => this.all<ListedUser>('/v1/friends')
  unfriend = (id: string) => this.call<void>('DELETE', `/v1/friends/${id}`)

  ask = (userId: string) => this.call<{ state: 'pending' | 'accepted' }>('POST', '/v1/friend-requests', { userId })
  requests = (direction: 'incoming' | 'outgoing') => this.all<FriendRequest>(`/v1/friend-requests?direction=${direction}`)
  answer = (id: string, answer: 'accept' | 'decline') => this.call<unknown>('POST', `/v1/friend-requests/${id}/${answer}`)

  blocks = () => this.all<ListedUser>('/v1/blocks')
  block = (id: string) => this.call<void>('PUT', `/v1/blocks/${id}`)
  unblock = (id: string) => this.call<void>('DELETE', `/v1/blocks/${id}`)

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
    try {
      return (await ask(method, path, body, await this.token(fresh))) as T
    } catch (failure) {
      if (fresh || !(failure instanceof ApiError) || failure.status !== 401) throw failure
      return (await ask(method, path, body, await this.token(true))) as T
    }
  }
}

/** One request; throws ApiError for every answer that is not a good one. */
export async function ask(method: string, url: string, body?: unknown, token?: string, more: Record<string, string> = {}): Promise<unknown> {
  const headers: Record<string, string> = { ...more }
  if (token) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  } catch {
    throw new ApiError(0, 'unreachable')
  }
  const text = await response.text()
  if (response.ok) return text ? JSON.parse(text) : undefined
  throw new ApiError(response.status, codeOf(text), Number(response.headers.get('retry-after') ?? 0) * 1000)
}

function codeOf(text: string): string {
  try {
    return (JSON.parse(text) as { code?: string }).code ?? 'server-error'
  } catch {
    return 'server-error'
  }
}
