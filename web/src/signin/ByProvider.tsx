import { ApiError, NearbyApi, type AccessToken } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import { problem, t } from '../i18n'
import type { Settings } from '../session/settings'
import { OidcSignIn, type Provider } from './oidc'
import { RegisterForm } from './RegisterForm'
import { signInWith, type SignedIn } from './signIn'

interface Props {
  settings: Settings
  onSignedIn(user: SignedIn): void
}

/** Signs in at the system's OpenID Connect provider; who is new chooses a user name. */
export function ByProvider({ settings, onSignedIn }: Props) {
  const texts = t.value.signIn
  if (!settings.signIn) return <p class="error">{texts.noProvider}</p>
  if (!isSecureContext) return <p class="error">{texts.insecure}</p>
  return <Provided provider={settings.signIn} onSignedIn={onSignedIn} />
}

type Step = { is: 'resuming' | 'leaving' } | { is: 'signedOut'; problem: string | null } | { is: 'new'; accessToken: AccessToken }

function Provided({ provider, onSignedIn }: { provider: Provider; onSignedIn(user: SignedIn): void }) {
  const texts = t.value.signIn
  const oidc = useMemo(() => new OidcSignIn(provider, thisTab()), [])
  const step = useSignal<Step>({ is: 'resuming' })
  const fail = (failure: unknown) => (step.value = { is: 'signedOut', problem: failure instanceof ApiError ? failure.code : 'other' })
  const enter = async (accessToken: AccessToken) => onSignedIn(await signInWith(accessToken, () => void oidc.end().catch(console.warn)))

  useLayoutEffect(() => {
    const resume = async () => {
      try {
        const accessToken = await oidc.resume()
        if (!accessToken) step.value = { is: 'signedOut', problem: null }
        else await enter(accessToken).catch((failure: unknown) => {
          // The provider knows the user, this system does not yet.
          if (!(failure instanceof ApiError) || failure.status !== 401) throw failure
          step.value = { is: 'new', accessToken }
        })
      } catch (failure) {
        fail(failure)
      }
    }
    void resume()
  }, [])
  const begin = () => {
    step.value = { is: 'leaving' }
    oidc.begin().catch(fail)
  }

  if (step.value.is === 'new') {
    const { accessToken } = step.value
    const register = async (userName: string, displayName: string) => {
      await new NearbyApi('', accessToken).register(userName, displayName)
      await enter(accessToken)
    }
    return <RegisterForm lead={texts.newHere} onSubmit={register} />
  }
  if (step.value.is !== 'signedOut') return <progress aria-label={t.value.loading} />
  return (
    <>
      <p class="hint">{texts.providerLead}</p>
      <p class="error" role="alert">{step.value.problem && problem(step.value.problem)}</p>
      <button type="button" class="primary wide" onClick={begin}>{texts.signIn}</button>
    </>
  )
}

function thisTab() {
  return {
    get href() {
      return location.href
    },
    storage: sessionStorage,
    go: (address: string) => location.assign(address),
    replace: (address: string) => history.replaceState(null, '', address),
  }
}
