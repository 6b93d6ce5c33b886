import type { AccessToken } from '@nearbyfriends/client'
import { handledLater } from './handledLater'
import { OidcSignIn, type Provider } from './oidc'
import { signInWith, type SignedIn } from './signIn'

/** A provider, and who is signed in there. */
export interface Provided {
  oidc: OidcSignIn
  /** Null: nobody is. */
  resumed: Promise<Resumed | null>
}

export interface Resumed {
  accessToken: AccessToken
  /** Refused with 401 where the system does not know the user yet. */
  user: Promise<SignedIn>
}

export function provide(provider: Provider): Provided {
  const oidc = new OidcSignIn(provider, thisTab())
  const resume = async (): Promise<Resumed | null> => {
    const accessToken = await oidc.resume()
    if (!accessToken) return null
    return { accessToken, user: handledLater(signInWith(accessToken, leaving(oidc))) }
  }
  return { oidc, resumed: handledLater(resume()) }
}

/** Ends the session at the provider too. */
export const leaving = (oidc: OidcSignIn) => () => void oidc.end().catch(console.warn)

function thisTab() {
  return {
    get href() {
      return location.href
    },
    storage: sessionStorage,
    go: (address: string) => location.assign(address),
    replace: (address: string) => history.replaceState(null, '', address),
  }
}
