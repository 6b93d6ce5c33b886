import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { notifyProblem } from '../app/notices'
import { t } from '../i18n'
import { AlertChoice } from './AlertChoice'
import { ANYONE, type Alerts } from './alerts'
import type { Push } from './push'

/** What the user is told about, and whether also while the page is closed. */
export function NoticeSettings({ alerts, push }: { alerts: Alerts; push: Push }) {
  const texts = t.value.alerts
  return (
    <section>
      <h2 class="list-title">{texts.title}</h2>
      <div class="row notice-setting">
        <span>{texts.anyone}</span>
        <AlertChoice alerts={alerts} userId={ANYONE} label={texts.anyone} />
      </div>
      <PushSwitch push={push} />
    </section>
  )
}

function PushSwitch({ push }: { push: Push }) {
  const busy = useSignal(false)
  const texts = t.value.alerts
  const state = push.state.value
  useEffect(() => void push.look().catch(notifyProblem), [])
  const toggle = async () => {
    busy.value = true
    try {
      await (state === 'on' ? push.end() : push.begin())
    } catch (failure) {
      notifyProblem(failure)
    }
    busy.value = false
  }
  if (state === 'denied') return <p class="hint">{texts.denied}</p>
  if (state === 'unknown' || state === 'unavailable') return null
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={state === 'on'} disabled={busy.value} onChange={() => void toggle()} />
        <span>{texts.push}</span>
      </label>
      <p class="hint" role="status">{state === 'refused' && texts.refused}</p>
    </>
  )
}
