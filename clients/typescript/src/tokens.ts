import { request } from './http.ts'

/** Gives an access token that is valid now; `fresh` when the last one was refused, so that a cached one will not do. */
export type AccessToken = (fresh: boolean) => Promise<string>

/** A token is replaced after this part of its life. */
const RENEW_AFTER = 0.8

/** Development systems only: tokens for any user name, without a login. `api`: base address; empty in a page of the Api's own. */
export function developmentTokens(api: string, userName: string): AccessToken {
  return cached(async () => ((await request('POST', `${api}/v1/dev/tokens`, { body: { userName } })) as { accessToken: string }).accessToken)
}

/** Development systems only: makes a user. Throws ApiError `name-taken` where somebody has the name. */
export async function register(api: string, userName: string, displayName: string): Promise<void> {
  await request('POST', `${api}/v1/users`, { body: { userName, displayName } })
}

/** Asks for a token only when there is none, the last one was refused, or it is near its end. */
export function cached(issue: () => Promise<string>): AccessToken {
  let current: Promise<string> | null = null
  let renewAt = Infinity
  const get = async () => {
    try {
      const token = await issue()
      renewAt = Date.now() + (renewIn(token, Date.now()) ?? Infinity)
      return token
    } catch (failure) {
      current = null
      throw failure
    }
  }
  return (fresh) => {
    if (fresh || current === null || Date.now() >= renewAt) current = get()
    return current
  }
}

/** Milliseconds from `now` until a JWT should be replaced; null for a token that does not tell when it expires. */
export function renewIn(token: string, now: number): number | null {
  try {
    const payload = token.split('.')[1] ?? ''
    const { exp } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { exp?: number }
    return exp === undefined ? null : Math.max(0, (exp * 1000 - now) * RENEW_AFTER)
  } catch {
    return null
  }
}
