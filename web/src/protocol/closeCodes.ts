/** What to do after a connection ended: try again, get a fresh token first, or stop, for trying again would end the same. */
export type Verdict = 'retry' | 'refresh' | 'stop'

/** Nothing was heard of the other side any more. */
export const ABNORMAL = 1006

/** The token or ticket is expired or bad. */
export const TOKEN_EXPIRED = 4401

export function judge(code: number): Verdict {
  switch (code) {
    case TOKEN_EXPIRED:
      return 'refresh'
    case 4403: // user deleted or locked
    case 1002:
    case 1003:
    case 1007:
    case 1008: // too many offences
    case 1009: // a message over 4 KiB
      return 'stop'
    default: // 1001, 1006, 1011, 1012, 4408, 4429, and whatever a proxy in between makes up
      return 'retry'
  }
}
