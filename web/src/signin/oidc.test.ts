import { ApiError } from '@nearbyfriends/client'
import { beforeEach, expect, it, vi } from 'vitest'
import { OidcSignIn, type Surroundings } from './oidc'
import { challengeOf } from './pkce'

const PROVIDER = { authority: 'https://id.example/', clientId: 'page', scope: 'openid', parameters: { audience: 'nearby' } }
const DISCOVERY = {
  issuer: 'https://id.example/', authorization_endpoint: 'https://id.example/authorize?tenant=1', token_endpoint: 'https://id.example/token',
  end_session_endpoint: 'https://id.example/logout',
}

/** A tab, with what the provider was asked for its tokens. */
class Tab implements Surroundings {
  href = 'https://page.example/?add=bo'
  readonly kept = new Map<string, string>()
  readonly storage = { getItem: (key: string) => this.kept.get(key) ?? null, setItem: (key: string, value: string) => void this.kept.set(key, value) }
  readonly asked: Record<string, string>[] = []
  /** What the provider answers next: a status, or tokens. */
  answer: number | object = { access_token: 'first', refresh_token: 'refresh-1' }
  go = (address: string) => void (this.href = address)
  replace = (address: string) => void (this.href = new URL(address, 'https://page.example').href)

  /** As after a reload. */
  signIn = () => new OidcSignIn(PROVIDER, this)

  /** The browser, sent back by the provider. */
  comesBack(parameters: Record<string, string>): void {
    const state = new URL(this.href).searchParams.get('state') ?? ''
    this.href = `https://page.example/?${new URLSearchParams({ state, ...parameters })}`
  }

  fetch = (address: string, { body }: RequestInit) => {
    if (!body) return Promise.resolve(Response.json(DISCOVERY))
    expect(address).toBe(DISCOVERY.token_endpoint)
    this.asked.push(Object.fromEntries(body as URLSearchParams))
    return Promise.resolve(typeof this.answer === 'number' ? new Response('', { status: this.answer }) : Response.json(this.answer))
  }
}

let tab: Tab

beforeEach(() => {
  tab = new Tab()
  vi.stubGlobal('fetch', tab.fetch)
})

it('a challenge is that of the standard (RFC 7636, appendix B)', async () => {
  expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
})

it('who comes back with a code has a token, and is where they were', async () => {
  await tab.signIn().begin()
  const asked = new URL(tab.href).searchParams
  expect(Object.fromEntries(asked)).toMatchObject({
    tenant: '1', audience: 'nearby', response_type: 'code', client_id: 'page', redirect_uri: 'https://page.example/', scope: 'openid', code_challenge_method: 'S256',
  })

  tab.comesBack({ code: 'the-code', iss: DISCOVERY.issuer })
  const accessToken = await tab.signIn().resume()
  expect(await accessToken?.(false)).toBe('first')
  expect(tab.href).toBe('https://page.example/?add=bo')
  expect(tab.asked[0]).toMatchObject({ grant_type: 'authorization_code', code: 'the-code', client_id: 'page', redirect_uri: 'https://page.example/' })
  expect(await challengeOf(tab.asked[0]?.code_verifier ?? '')).toBe(asked.get('code_challenge'))
})

it('a reload stays signed in, and each refresh token is used once', async () => {
  await tab.signIn().begin()
  tab.comesBack({ code: 'the-code' })
  await tab.signIn().resume()

  tab.answer = { access_token: 'second', refresh_token: 'refresh-2' }
  const accessToken = await tab.signIn().resume()
  expect(await accessToken?.(false)).toBe('second')
  tab.answer = { access_token: 'third' }
  expect(await accessToken?.(true)).toBe('third')
  expect(tab.asked.slice(1).map(({ refresh_token }) => refresh_token)).toEqual(['refresh-1', 'refresh-2'])
})

it.each([
  ['nothing', {}, 'sign-in-refused'],
  ['a refusal', { error: 'access_denied' }, 'sign-in-refused'],
  ['another provider’s code', { code: 'the-code', iss: 'https://evil.example' }, 'sign-in-refused'],
])('%s is no sign-in', async (_, parameters, code) => {
  await tab.signIn().begin()
  tab.comesBack(parameters)
  await expect(tab.signIn().resume()).rejects.toMatchObject({ code })
  expect(tab.asked).toEqual([])
})

it('a code that nobody here asked for is not used', async () => {
  tab.href = 'https://page.example/?code=stolen&state=guessed'
  expect(await tab.signIn().resume()).toBeNull()
  expect(tab.asked).toEqual([])
})

it('a refresh token that is refused is forgotten; one that could not be sent is kept', async () => {
  await tab.signIn().begin()
  tab.comesBack({ code: 'the-code' })
  await tab.signIn().resume()

  tab.answer = 503
  await expect(tab.signIn().resume()).rejects.toBeInstanceOf(ApiError)
  tab.answer = 400
  await expect(tab.signIn().resume()).rejects.toMatchObject({ code: 'sign-in-refused' })
  expect(await tab.signIn().resume()).toBeNull()
})

it('who signs out is signed out here and at the provider', async () => {
  await tab.signIn().begin()
  tab.comesBack({ code: 'the-code' })
  await tab.signIn().resume()
  await tab.signIn().end()
  expect(tab.href).toBe('https://id.example/logout?client_id=page&post_logout_redirect_uri=https%3A%2F%2Fpage.example%2F')
  tab.href = 'https://page.example/'
  expect(await tab.signIn().resume()).toBeNull()
})
