const ADD = 'add'

/** An address that opens the page with a user found by name. */
export function inviteLink(origin: string, userName: string): string {
  return `${origin}/?${ADD}=${encodeURIComponent(userName)}`
}

/** Whose invitation the page was opened with; null: nobody's. */
export function invitedBy(search: string): string | null {
  return new URLSearchParams(search).get(ADD)
}

/** Takes the invitation out of an address, so that a reload does not follow it again. */
export function withoutInvitation(address: string): string {
  const url = new URL(address)
  url.searchParams.delete(ADD)
  return url.toString()
}
