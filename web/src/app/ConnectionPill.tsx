import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'
import type { Session } from '../session/session'
import { clock } from './clock'
import { notify } from './notices'

/** So long may a connection be away before it is worth a word. */
const WORTH_SAYING_MS = 3_000

/** Whether what one sees is live; where it is not, what happens next. */
export function ConnectionPill({ session }: { session: Session }) {
  const state = session.connection.value
  const texts = t.value.connection
  useSpokenChanges(session)

  if (state.is === 'connected') return <span class="pill live">{texts.connected}</span>
  if (state.is === 'stopped') {
    return (
      <span class="pill stopped">
        {texts.stopped} <button type="button" class="link" onClick={() => location.reload()}>{texts.reload}</button>
      </span>
    )
  }
  if (state.is === 'connecting') return <span class="pill">{texts.connecting}</span>
  const seconds = Math.max(0, Math.ceil((state.retryAt - clock.value) / 1000))
  return (
    <span class="pill waiting">
      {navigator.onLine ? texts.waiting(seconds) : texts.offline}{' '}
      <button type="button" class="link" onClick={() => session.client.retryNow()}>{texts.retry}</button>
    </span>
  )
}

/** Says once that the connection is lost, and once that it is back; short breaks pass in silence. */
function useSpokenChanges(session: Session): void {
  const said = useRef(false)
  const state = session.connection.value
  const isUp = state.is === 'connected'
  useEffect(() => {
    if (isUp) {
      if (said.current) notify(t.value.connection.back)
      said.current = false
      return
    }
    const timer = setTimeout(() => {
      if (!session.welcome.peek() || said.current) return
      said.current = true
      notify(t.value.connection.lost)
    }, WORTH_SAYING_MS)
    return () => clearTimeout(timer)
  }, [isUp])
  useEffect(() => {
    if (state.is !== 'stopped') return
    const texts = t.value.connection
    notify(state.code === 4403 ? texts.stoppedUser : state.code === 4401 ? texts.stoppedToken : texts.stoppedProtocol)
  }, [state.is])
}
