import { ApiError, NearbyApi, type AccessToken } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import { problem, t } from '../i18n'
import type { Arrival } from './arrival'
import type { Provider } from './oidc'
import { leaving, provide, type Provided } from './provided'
import { RegisterForm } from './RegisterForm'
import { signInWith, type SignedIn } from './signIn'

interface Props {
  arrival: Arrival
  onSignedIn(user: SignedIn): void
}

/** Signs in at the system's OpenID Connect provider; who is new chooses a user name. */
export function ByProvider({ arrival: { settings, provided }, onSignedIn }: Props) {
  const texts = t.value.signIn
  if (!settings.signIn) return <p class="error">{texts.noProvider}</p>
  if (!isSecureContext) return <p class="error">{texts.insecure}</p>
  return <AtProvider provider={settings.signIn} arrived={provided} onSignedIn={onSignedIn} />
}

type Step = { is: 'resuming' | 'leaving' } | { is: 'signedOut'; problem: string | null } | { is: 'new'; accessToken: AccessToken }

function AtProvider({ provider, arrived, onSignedIn }: { provider: Provider; arrived: Provided | undefined; onSignedIn(user: SignedIn): void }) {
  const texts = t.value.signIn
  const { oidc, resumed } = useMemo(() => arrived ?? provide(provider), [])
  const step = useSignal<Step>({ is: 'resuming' })
  const fail = (failure: unknown) => (step.value = { is: 'signedOut', problem: failure instanceof ApiError ? failure.code : 'other' })

  useLayoutEffect(() => {
    const resume = async () => {
      try {
        const known = await resumed
        if (!known) step.value = { is: 'signedOut', problem: null }
        else await known.user.then(onSignedIn, (failure: unknown) => {
          // The provider knows the user, this system does not yet.
          if (!(failure instanceof ApiError) || failure.status !== 401) throw failure
          step.value = { is: 'new', accessToken: known.accessToken }
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
      onSignedIn(await signInWith(accessToken, leaving(oidc)))
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
