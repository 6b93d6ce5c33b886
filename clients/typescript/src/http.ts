/** A request that failed: RFC 9457 problem details, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable; `unreachable` when there was no answer. */
    readonly code: string,
    /** For how long the server wants no request, 0 to 600,000; 0 where it does not say. */
    readonly retryAfterMs = 0,
  ) {
    super(code)
  }
}

/** A network that swallows packets must not hold a caller forever. */
const TIMEOUT_MS = 20_000
/** A server that asks for a longer wait is asked again after this one. */
const LONGEST_WAIT_MS = 10 * 60_000

export interface RequestOptions {
  body?: unknown
  token?: string
  headers?: Record<string, string>
}

/** One HTTP request; its JSON answer, undefined where there is none. Throws ApiError for every status but 2xx. */
export async function request(method: string, url: string, { body, token, headers = {} }: RequestOptions = {}): Promise<unknown> {
  const sent: Record<string, string> = { ...headers }
  if (token !== undefined) sent.authorization = `Bearer ${token}`
  if (body !== undefined) sent['content-type'] = 'application/json'
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method, headers: sent, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    throw new ApiError(0, 'unreachable')
  }
  if (response.ok) return text ? JSON.parse(text) : undefined
  throw new ApiError(response.status, codeOf(text), retryAfterMs(response.headers))
}

/** The header Retry-After (RFC 9110, 10.2.3), seconds or a date by the server's clock, in milliseconds; 0 where it asks for no wait. */
function retryAfterMs(headers: Headers): number {
  const asked = headers.get('retry-after')?.trim() ?? ''
  const now = Date.parse(headers.get('date') ?? '') || Date.now()
  const wait = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - now
  return Math.min(Math.max(0, wait || 0), LONGEST_WAIT_MS)
}

function codeOf(text: string): string {
  try {
    return (JSON.parse(text) as { code?: string }).code ?? 'server-error'
  } catch {
    return 'server-error'
  }
}
