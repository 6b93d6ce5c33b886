import { useSignal } from '@preact/signals'
import { t } from '../i18n'
import type { Session } from '../session/session'
import { notify } from './notices'

/** Whether strangers nearby see about where one is, and one them; and in one line what that means now. */
export function StrangersSwitch({ session }: { session: Session }) {
  const busy = useSignal(false)
  const on = session.me.value.strangers
  const texts = t.value.strangers
  const toggle = async () => {
    busy.value = true
    try {
      await session.letStrangersSee(!on)
    } catch {
      notify(texts.failed)
    }
    busy.value = false
  }
  return (
    <div class="sharing strangers">
      <button type="button" role="switch" class="switch" aria-checked={on} aria-describedby="strangers-line" disabled={busy.value} onClick={() => void toggle()}>
        <span class="track" aria-hidden="true"><span class="thumb" /></span>
        <span>{texts.label}</span>
      </button>
      <span id="strangers-line" class="hint">{!on ? texts.off : session.sharing.value ? texts.on(session.strangers.value.total) : texts.hidden}</span>
    </div>
  )
}
