import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks'
import { Alerts } from '../alerts/alerts'
import { Push } from '../alerts/push'
import { Day } from '../day/day'
import { language, t } from '../i18n'
import { People } from '../people/people'
import { CITY_CENTRE, Whereabouts } from '../place/whereabouts'
import type { Settings } from '../session/settings'
import { Session } from '../session/session'
import { arrive, type Arrival } from '../signin/arrival'
import type { SignedIn } from '../signin/signIn'
import { SignIn } from '../signin/SignIn'
import { Confirmation } from './confirm'
import { Home } from './Home'
import { Notices } from './notices'
import { Splash } from './Splash'

const RETRY_MS = 2_000

/** Everything: first the settings, then who one is, then the map. */
export function App() {
  const arrival = useSignal<Arrival | null>(null)
  const unreachable = useSignal(false)
  const user = useSignal<SignedIn | null>(null)

  useSignalEffect(() => {
    document.documentElement.lang = language.value
    document.title = t.value.appName
  })
  // Before anything is painted: on a slow phone a frame takes as long as a request.
  useLayoutEffect(() => {
    const load = async () => {
      try {
        arrival.value = await arrive()
        unreachable.value = false
      } catch {
        unreachable.value = true
        setTimeout(() => void load(), RETRY_MS)
      }
    }
    void load()
  }, [])

  const signOut = () => {
    user.value?.leave()
    user.value = null
    arrival.value = arrival.value && { settings: arrival.value.settings }
  }
  return (
    <>
      {!arrival.value ? (
        <Splash {...(unreachable.value ? { text: t.value.unreachable } : {})} />
      ) : !user.value ? (
        <SignIn arrival={arrival.value} onSignedIn={(signedIn) => (user.value = signedIn)} />
      ) : (
        <SignedInHome key={user.value.me.id} user={user.value} settings={arrival.value.settings} onSignOut={signOut} />
      )}
      <Notices />
      <Confirmation />
    </>
  )
}

interface HomeProps {
  user: SignedIn
  settings: Settings
  onSignOut(): void
}

/** One user's session, from here until they sign out. */
function SignedInHome({ user, settings, onSignOut }: HomeProps) {
  const parts = useMemo(() => {
    const session = new Session(settings, user.me, user.api, user.ticket)
    const whereabouts = new Whereabouts(session, settings.development ? CITY_CENTRE : null)
    // Before anything is drawn, so that nothing jumps. Whoever follows the demo's link sees friends without a further step.
    whereabouts.resume(user.isVisitor ? CITY_CENTRE : null)
    return {
      session,
      people: new People(session),
      day: new Day(user.api),
      alerts: new Alerts(session),
      push: new Push(user.api, user.me.id),
      whereabouts,
    }
  }, [])
  useEffect(
    () => () => {
      parts.day.close()
      parts.alerts.end()
      parts.whereabouts.end()
      parts.people.end()
      parts.session.end()
    },
    [],
  )
  const signOut = () => {
    void parts.push.end().catch(console.warn).finally(onSignOut)
  }
  return <Home {...parts} settings={settings} onSignOut={signOut} />
}
