import { useSignal } from '@preact/signals'
import { t } from '../i18n'

/** Asks for the operator key. */
export function KeyForm({ wasWrong, onKey }: { wasWrong: boolean; onKey(key: string): void }) {
  const key = useSignal('')
  const texts = t.value.ops
  const submit = (event: Event) => {
    event.preventDefault()
    onKey(key.value.trim())
  }
  return (
    <main class="sign-in">
      <div class="card">
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>{texts.title}</h1>
        <form onSubmit={submit}>
          <p class="hint">{texts.keyLead}</p>
          <label for="key">{texts.key}</label>
          <input id="key" type="password" required autocomplete="off" value={key.value} onInput={(event) => (key.value = event.currentTarget.value)} />
          <p class="error" role="alert">{wasWrong && texts.wrongKey}</p>
          <button type="submit" class="primary wide">{texts.enter}</button>
        </form>
      </div>
    </main>
  )
}
