import { developmentTokens, NearbyApi, type AccessToken, type Me } from '@nearbyfriends/client'
import { handledLater } from './handledLater'

export interface SignedIn {
  me: Me
  api: NearbyApi
  /** For the first connection: on its way while the page is drawn. */
  ticket: Promise<string>
  /** Of the demo: begins in the middle of the city by itself. */
  isVisitor: boolean
  /** Forgets the user in this tab. */
  leave(): void
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
  const signedIn = await signIn(developmentTokens(API, userName), userName.toLowerCase() === VISITOR, true, () => remember(null))
  remember(userName)
  return signedIn
}

/** With tokens of a provider. */
export function signInWith(accessToken: AccessToken, leave: () => void): Promise<SignedIn> {
  return signIn(accessToken, false, false, leave)
}

/** @param isKnown Whether the system surely knows the user: whom it does not know it gives no ticket. */
async function signIn(accessToken: AccessToken, isVisitor: boolean, isKnown: boolean, leave: () => void): Promise<SignedIn> {
  const api = new NearbyApi(API, accessToken)
  const me = api.me()
  const ticket = handledLater(isKnown ? api.ticket() : me.then(() => api.ticket()))
  return { me: await me, api, ticket, isVisitor, leave }
}

function remember(userName: string | null): void {
  const address = new URL(location.href)
  if (userName === null) address.searchParams.delete(USER)
  else address.searchParams.set(USER, userName)
  history.replaceState(null, '', address)
}
