import { request } from '@nearbyfriends/client'
import type { Provider } from '../signin/oidc'

/** What the Api tells the page about the system, at /config.json. */
export interface Settings {
  gateway: string | null
  style: string | null
  darkStyle: string | null
  /** Whether anybody can sign in by name, without a password. */
  development: boolean
  /** The provider that people sign in at; null where none is configured. */
  signIn: Provider | null
  minRadiusMetres: number
  maxRadiusMetres: number
}

export async function loadSettings(): Promise<Settings> {
  return (await request('GET', '/config.json')) as Settings
}
