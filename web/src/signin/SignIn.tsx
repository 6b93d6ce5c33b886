import { ApiError, register } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import { LanguageChoice } from '../app/LanguageChoice'
import { Splash } from '../app/Splash'
import { problem, t } from '../i18n'
import type { Arrival } from './arrival'
import { ByProvider } from './ByProvider'
import { DisplayNameField, UserNameField } from './fields'
import { signInAs, userInAddress, VISITOR, type SignedIn } from './signIn'

const VISITOR_AGAIN_MS = 1_500

interface Props {
  arrival: Arrival
  onSignedIn(user: SignedIn): void
}

/** Who one is: by name in Development, by an OpenID Connect provider elsewhere. */
export function SignIn({ arrival, onSignedIn }: Props) {
  const { settings } = arrival
  const asked = settings.development ? userInAddress() : null
  const arriving = useSignal(asked !== null)
  const isFirstTry = useSignal(true)
  const unreachable = useSignal(false)
  const failed = useSignal<string | null>(null)

  // Before anything is painted, as everything that friends wait for.
  useLayoutEffect(() => {
    if (asked === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const attempt = async () => {
      try {
        onSignedIn(await (isFirstTry.value && arrival.user ? arrival.user : signInAs(asked)))
      } catch (failure) {
        isFirstTry.value = false
        // The simulator may not have made the visitor yet, or the system may be starting; anybody else is a mistake.
        const code = failure instanceof ApiError ? failure.code : 'other'
        unreachable.value = code === 'unreachable'
        if (asked === VISITOR || code === 'unreachable' || code === 'unavailable') {
          timer = setTimeout(() => void attempt(), VISITOR_AGAIN_MS)
        } else {
          failed.value = code
          arriving.value = false
        }
      }
    }
    void attempt()
    return () => clearTimeout(timer)
  }, [])

  const texts = t.value.signIn
  if (arriving.value && isFirstTry.value) return <Splash />
  return (
    <main class="sign-in">
      <div class="card">
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>{t.value.appName}</h1>
        {arriving.value ? (
          <>
            <p role="status">{unreachable.value ? t.value.unreachable : asked === VISITOR ? texts.waitingForVisitor : t.value.loading}</p>
            {asked === VISITOR && !unreachable.value && <p class="hint">{texts.waitingForVisitorMore}</p>}
            <progress aria-label={t.value.loading} />
            <button type="button" class="quiet" onClick={() => (arriving.value = false)}>{texts.notYou}</button>
          </>
        ) : settings.development ? (
          <ByName failed={failed.value} onSignedIn={onSignedIn} />
        ) : (
          <ByProvider arrival={arrival} onSignedIn={onSignedIn} />
        )}
        <LanguageChoice />
      </div>
    </main>
  )
}

function ByName({ failed, onSignedIn }: { failed: string | null; onSignedIn(user: SignedIn): void }) {
  const texts = t.value.signIn
  const userName = useSignal(userInAddress() ?? '')
  const displayName = useSignal('')
  const isNew = useSignal(false)
  const error = useSignal(failed)

  const submit = async (event: Event) => {
    event.preventDefault()
    error.value = null
    const name = userName.value.trim()
    try {
      if (isNew.value) await register('', name, displayName.value.trim() || name)
      onSignedIn(await signInAs(name))
    } catch (failure) {
      error.value = failure instanceof ApiError ? failure.code : 'other'
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p class="hint">{texts.lead}</p>
      <UserNameField value={userName} />
      {isNew.value && <DisplayNameField value={displayName} />}
      <p class="error" role="alert">{error.value && problem(error.value)}</p>
      <button type="submit" class="primary wide">{isNew.value ? texts.create : texts.signIn}</button>
      <button type="button" class="quiet wide" onClick={() => (isNew.value = !isNew.value)}>{isNew.value ? texts.isKnown : texts.isNew}</button>
      <a class="wide" href={`/?user=${VISITOR}`}>{texts.demo}</a>
    </form>
  )
}
