import { useSignal } from '@preact/signals'
import { t } from '../i18n'
import type { Session } from '../session/session'
import { notify } from './notices'

export function SharingSwitch({ session }: { session: Session }) {
  const busy = useSignal(false)
  const on = session.sharing.value
  const texts = t.value.sharing
  const toggle = async () => {
    busy.value = true
    try {
      await session.client.setSharing(!on)
    } catch {
      notify(texts.failed)
    }
    busy.value = false
  }
  return (
    <div class="sharing">
      <button type="button" role="switch" class="switch" aria-checked={on} aria-describedby="sharing-hint" disabled={busy.value} onClick={() => void toggle()}>
        <span class="track" aria-hidden="true"><span class="thumb" /></span>
        <span>{texts.label}</span>
      </button>
      <span id="sharing-hint" class="hint">{on ? texts.on : texts.off}</span>
    </div>
  )
}
