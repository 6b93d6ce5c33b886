import { Api, type Me } from '../session/api'
import { DevelopmentTokens, GivenToken, type TokenSource } from '../session/tokens'

export interface SignedIn {
  me: Me
  tokens: TokenSource
  /** Of the demo: begins in the middle of the city by itself. */
  isVisitor: boolean
}

/** The demo's user, a friend of many of the simulated people. */
export const VISITOR = 'visitor'

const USER = 'user'

/** The name in the address, `?user=`; a page that is loaded again stays who it was. */
export function userInAddress(): string | null {
  return new URLSearchParams(location.search).get(USER)
}

export async function signInAs(userName: string): Promise<SignedIn> {
  const tokens = new DevelopmentTokens(userName)
  const signedIn = { me: await meOf(tokens), tokens, isVisitor: userName.toLowerCase() === VISITOR }
  remember(userName)
  return signedIn
}

export async function signInWith(token: string): Promise<SignedIn> {
  const tokens = new GivenToken(token)
  return { me: await meOf(tokens), tokens, isVisitor: false }
}

export function forgetUser(): void {
  remember(null)
}

function meOf(tokens: TokenSource): Promise<Me> {
  return new Api((fresh) => tokens.token(fresh)).me()
}

function remember(userName: string | null): void {
  const address = new URL(location.href)
  if (userName === null) address.searchParams.delete(USER)
  else address.searchParams.set(USER, userName)
  history.replaceState(null, '', address)
}
