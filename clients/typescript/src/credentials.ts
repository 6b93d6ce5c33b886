import type { NearbyApi } from './api.ts'
import { ABNORMAL, judge, TOKEN_EXPIRED, USER_GONE } from './closeCodes.ts'
import { TicketRefused } from './connection.ts'
import { ApiError } from './http.ts'
import { renewIn } from './tokens.ts'

/** The longest wait of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1
const SHORTEST_WAIT_MS = 1_000
/** After no token came. */
const ASK_AGAIN_MS = 30_000

/** What a session proves its user by: a ticket to open it, and fresh tokens that it outlives its first one with. */
export class Credentials {
  private timer: ReturnType<typeof setTimeout> | undefined
  /** What is still on its way for an earlier session counts no more. */
  private generation = 0

  /** @param first A ticket that was asked for ahead; a refusal of it counts like any other. */
  constructor(
    private readonly api: NearbyApi,
    private first?: Promise<string>,
  ) {}

  /** Throws TicketRefused. */
  async ticket(fresh: boolean): Promise<string> {
    const asked = fresh ? undefined : this.first
    this.first = undefined
    try {
      return await (asked ?? this.api.ticket(fresh))
    } catch (failure) {
      const refusal = failure instanceof ApiError ? failure : null
      // The Api's own answers alone are final: it has no such user, as the call has tried a fresh token, or has locked the user.
      // Whatever else comes (a proxy's 403, a balancer's 404) may pass.
      if (refusal?.status === 401) throw new TicketRefused(judge(TOKEN_EXPIRED), TOKEN_EXPIRED)
      if (refusal?.code === 'locked') throw new TicketRefused(judge(USER_GONE), USER_GONE)
      throw new TicketRefused('retry', ABNORMAL, refusal?.retryAfterMs)
    }
  }

  /** Sends a fresh token whenever the current one nears its end by the clock `now`, until `stop`. */
  async renew(now: () => number, send: (accessToken: string) => void): Promise<void> {
    this.stop()
    await this.ask(false, now, send)
  }

  /** The session is over, and its tokens with it. */
  stop(): void {
    this.generation++
    clearTimeout(this.timer)
  }

  private async ask(fresh: boolean, now: () => number, send: (accessToken: string) => void): Promise<void> {
    const { generation } = this
    let wait: number | null
    try {
      const accessToken = await this.api.accessToken(fresh)
      if (generation !== this.generation) return
      if (fresh) send(accessToken)
      wait = renewIn(accessToken, now())
    } catch {
      if (generation !== this.generation) return
      wait = ASK_AGAIN_MS
    }
    if (wait === null || wait > MAX_TIMER_MS) return
    this.timer = setTimeout(() => void this.ask(true, now, send), Math.max(wait, SHORTEST_WAIT_MS))
  }
}
