import { loadSettings, type Settings } from '../session/settings'
import { handledLater } from './handledLater'
import { provide, type Provided } from './provided'
import { signInAs, userInAddress, type SignedIn } from './signIn'

/** What the page asks for before it can draw anything: the answers are there by then. */
export interface Arrival {
  settings: Settings
  /** In Development, the user in the address. */
  user?: Promise<SignedIn>
  provided?: Provided
}

let first: Promise<Arrival> | null = null

/** Asks ahead for what the first `arrive` gives. */
export function begin(): void {
  first = handledLater(ask())
}

/** The settings, and who one is, as far as the address or the provider tells; asked for ahead the first time. Throws ApiError. */
export function arrive(): Promise<Arrival> {
  const arrival = first ?? ask()
  first = null
  return arrival
}

async function ask(): Promise<Arrival> {
  const settings = await loadSettings()
  const userName = settings.development ? userInAddress() : null
  if (userName !== null) {
    return { settings, user: handledLater(signInAs(userName)) }
  }
  return !settings.development && settings.signIn && isSecureContext ? { settings, provided: provide(settings.signIn) } : { settings }
}
