import { ApiError, ask } from './api'

/** Where the user's access tokens come from. */
export interface TokenSource {
  /** A token that is good for a while; `fresh`: not the one given before. */
  token(fresh: boolean): Promise<string>
  /** Milliseconds until the current one should be replaced; null: it cannot be. */
  renewIn(): number | null
}

/** Development: tokens for any user name, without a login. */
export class DevelopmentTokens implements TokenSource {
  private current: Promise<string> | null = null
  private renewAt = 0

  constructor(private readonly userName: string) {}

  token(fresh: boolean): Promise<string> {
    if (fresh || !this.current || Date.now() >= this.renewAt) {
      this.current = this.issue().catch((failure: unknown) => {
        this.current = null
        throw failure
      })
    }
    return this.current
  }

  renewIn(): number {
    return Math.max(0, this.renewAt - Date.now())
  }

  private async issue(): Promise<string> {
    const { accessToken, expiresIn } = (await ask('POST', '/v1/dev/tokens', { userName: this.userName })) as {
      accessToken: string
      expiresIn: number
    }
    // Before the last fifth of its life.
    this.renewAt = Date.now() + expiresIn * 800
    return accessToken
  }
}

/** A token of the issuer that the system trusts, given by hand: good until it expires. */
export class GivenToken implements TokenSource {
  constructor(private readonly given: string) {}

  token(fresh: boolean): Promise<string> {
    return fresh ? Promise.reject(new ApiError(401, 'unauthenticated')) : Promise.resolve(this.given)
  }

  renewIn(): null {
    return null
  }
}

/** Development: a new user with this name. */
export async function register(userName: string, displayName: string): Promise<void> {
  await ask('POST', '/v1/users', { userName, displayName })
}
