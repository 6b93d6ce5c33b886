import { ApiError, developmentTokens, NearbyApi, type AccessToken, type Me } from '@nearbyfriends/client'

export interface SignedIn {
  me: Me
  api: NearbyApi
  /** Of the demo: begins in the middle of the city by itself. */
  isVisitor: boolean
}

/** The demo's user, a friend of many of the simulated people. */
export const VISITOR = 'visitor'

/** The Api serves the page, so its calls are to the page's own origin. */
const API = ''
const USER = 'user'

/** The name in the address, `?user=`; a page that is loaded again stays who it was. */
export function userInAddress(): string | null {
  return new URLSearchParams(location.search).get(USER)
}

export async function signInAs(userName: string): Promise<SignedIn> {
  const signedIn = await signIn(developmentTokens(API, userName), userName.toLowerCase() === VISITOR)
  remember(userName)
  return signedIn
}

/** A token of the issuer that the system trusts, given by hand: good until it expires. */
export function signInWith(token: string): Promise<SignedIn> {
  return signIn((fresh) => (fresh ? Promise.reject(new ApiError(401, 'unauthenticated')) : Promise.resolve(token)), false)
}

export function forgetUser(): void {
  remember(null)
}

async function signIn(accessToken: AccessToken, isVisitor: boolean): Promise<SignedIn> {
  const api = new NearbyApi(API, accessToken)
  return { me: await api.me(), api, isVisitor }
}

function remember(userName: string | null): void {
  const address = new URL(location.href)
  if (userName === null) address.searchParams.delete(USER)
  else address.searchParams.set(USER, userName)
  history.replaceState(null, '', address)
}
