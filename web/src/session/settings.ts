import { request } from '@nearbyfriends/client'

/** What the Api tells the page about the system, at /config.json. */
export interface Settings {
  gateway: string | null
  style: string | null
  darkStyle: string | null
  development: boolean
  minRadiusMetres: number
  maxRadiusMetres: number
}

export async function loadSettings(): Promise<Settings> {
  return (await request('GET', '/config.json')) as Settings
}
