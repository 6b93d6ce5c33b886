import { ApiError, cached, type AccessToken } from '@nearbyfriends/client'
import { Kept } from '../session/kept'
import { challengeOf, randomText } from './pkce'

/** An OpenID Connect provider, as the Api's settings have it. */
export interface Provider {
  authority: string
  clientId: string
  scope: string
  /** What the provider wants to be asked with beside the standard's parameters, such as `audience`. */
  parameters: Record<string, string>
}

interface Discovery {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  end_session_endpoint?: string
}

interface Tokens {
  access_token: string
  refresh_token?: string
}

/** A sign-in that waits for the browser to come back from the provider. */
interface Pending {
  state: string
  verifier: string
  /** Path, query and fragment to come back to. */
  address: string
}

/** What the browser comes back with is used once; the refresh token lives as long as the tab. */
const PENDING = 'sign-in-pending'
const REFRESH = 'sign-in-refresh'
const TIMEOUT_MS = 20_000

/** What the browser is to the sign-in: where it is, what it keeps, and where it goes. */
export interface Surroundings {
  readonly href: string
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** Leaves the page. */
  go(address: string): void
  /** Changes the address without leaving the page. */
  replace(address: string): void
}

/** The authorization code flow with PKCE (OpenID Connect Core, RFC 7636), for a page that can keep no secret. */
export class OidcSignIn {
  private readonly pending: Kept<Pending | null>
  private readonly refreshToken: Kept<string | null>
  private discovered: Promise<Discovery> | null = null

  constructor(
    private readonly provider: Provider,
    private readonly at: Surroundings,
  ) {
    this.pending = new Kept<Pending | null>(at.storage, PENDING, null)
    this.refreshToken = new Kept<string | null>(at.storage, REFRESH, null)
  }

  /** Goes to the provider, which leads back to this page. */
  async begin(): Promise<void> {
    const { authorization_endpoint } = await this.discover()
    const { pathname, search, hash } = new URL(this.at.href)
    const pending = { state: randomText(), verifier: randomText(), address: pathname + search + hash }
    this.pending.value = pending
    this.at.go(withParameters(authorization_endpoint, {
      ...this.provider.parameters,
      response_type: 'code',
      client_id: this.provider.clientId,
      redirect_uri: this.redirectUri,
      scope: this.provider.scope,
      state: pending.state,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: 'S256',
    }))
  }

  /**
   * The tokens of a user who has come back from the provider, or had signed in before in this tab; null for who has to sign in.
   * Throws ApiError: `sign-in-refused` where the provider, or the user, said no.
   */
  async resume(): Promise<AccessToken | null> {
    const tokens = (await this.comeBack()) ?? (this.refreshToken.value === null ? null : await this.refresh())
    return tokens && this.accessToken(tokens)
  }

  /** Forgets the user here, and lets the provider forget them where it can. */
  async end(): Promise<void> {
    this.forget()
    const { end_session_endpoint } = await this.discover()
    if (end_session_endpoint) {
      this.at.go(withParameters(end_session_endpoint, { client_id: this.provider.clientId, post_logout_redirect_uri: this.redirectUri }))
    }
  }

  forget(): void {
    this.refreshToken.value = null
  }

  private get redirectUri(): string {
    return `${new URL(this.at.href).origin}/`
  }

  private async comeBack(): Promise<Tokens | null> {
    const answer = new URL(this.at.href).searchParams
    const pending = this.pending.value
    const state = answer.get('state')
    if (state === null || pending === null || state !== pending.state) return null
    this.pending.value = null
    this.at.replace(pending.address)
    const { issuer } = await this.discover()
    const code = answer.get('code')
    // Another provider must not answer for this one (RFC 9207).
    if (code === null || (answer.get('iss') ?? issuer) !== issuer) throw new ApiError(401, 'sign-in-refused')
    return await this.ask({ grant_type: 'authorization_code', code, redirect_uri: this.redirectUri, code_verifier: pending.verifier })
  }

  private accessToken(first: Tokens): AccessToken {
    let next: Tokens | null = first
    return cached(async () => {
      const tokens = next ?? (await this.refresh())
      next = null
      return tokens.access_token
    })
  }

  private async refresh(): Promise<Tokens> {
    const token = this.refreshToken.value
    if (token === null) throw new ApiError(401, 'unauthenticated')
    try {
      return await this.ask({ grant_type: 'refresh_token', refresh_token: token })
    } catch (failure) {
      if (failure instanceof ApiError && failure.status >= 400 && failure.status < 500) this.forget()
      throw failure
    }
  }

  /** A token request (RFC 6749, 4.1.3 and 6). */
  private async ask(parameters: Record<string, string>): Promise<Tokens> {
    const { token_endpoint } = await this.discover()
    const tokens = await fetchJson<Tokens>(token_endpoint, {
      method: 'POST', body: new URLSearchParams({ ...parameters, client_id: this.provider.clientId }),
    })
    // A provider that rotates its refresh tokens takes the old one no more.
    if (tokens.refresh_token !== undefined) this.refreshToken.value = tokens.refresh_token
    return tokens
  }

  private discover(): Promise<Discovery> {
    const authority = this.provider.authority.replace(/\/$/, '')
    this.discovered ??= fetchJson<Discovery>(`${authority}/.well-known/openid-configuration`).catch((failure: unknown) => {
      this.discovered = null
      throw failure
    })
    return this.discovered
  }
}

function withParameters(address: string, parameters: Record<string, string>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

async function fetchJson<T>(address: string, request: RequestInit = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(address, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new ApiError(0, 'unreachable')
  }
  if (response.ok) return (await response.json()) as T
  throw response.status >= 500 ? new ApiError(response.status, 'unavailable') : new ApiError(401, 'sign-in-refused')
}
