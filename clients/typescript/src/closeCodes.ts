/** What to do after a connection ended: reconnect, get a fresh token first, or stop because a retry would end the same. */
export type Verdict = 'retry' | 'refresh' | 'stop'

/** The client leaves; as the gateway's answer: it has everything that was sent before. */
export const NORMAL = 1000

/** The connection ended without a close frame. */
export const ABNORMAL = 1006

/** The token or ticket is expired or invalid. */
export const TOKEN_EXPIRED = 4401

/** The user was deleted or locked. */
export const USER_GONE = 4403

export function judge(code: number): Verdict {
  switch (code) {
    case TOKEN_EXPIRED:
      return 'refresh'
    case USER_GONE:
    case 1002:
    case 1003:
    case 1007:
    case 1008: // too many offences
    case 1009: // a message over the gateway's limit
      return 'stop'
    default: // 1001, 1006, 1011, 1012, 4408, 4429, and whatever a proxy in between makes up
      return 'retry'
  }
}
