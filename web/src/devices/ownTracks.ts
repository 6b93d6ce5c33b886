import type { AddedDevice } from '@nearbyfriends/client'

const HTTP_MODE = 3

/** A link that sets up the OwnTracks app of a phone that opens it, or scans it as a code; it holds the password (docs/phones.md). */
export function ownTracksLink(gateway: string, { userName, password }: Pick<AddedDevice, 'userName' | 'password'>): string {
  const configuration = { _type: 'configuration', mode: HTTP_MODE, url: `${gateway}/owntracks`, auth: true, username: userName, password }
  const bytes = new TextEncoder().encode(JSON.stringify(configuration))
  return `owntracks:///config?inline=${encodeURIComponent(btoa(String.fromCharCode(...bytes)))}`
}
