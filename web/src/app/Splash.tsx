import { t } from '../i18n'

/** While there is nothing else to show. */
export function Splash({ text = t.value.loading }: { text?: string }) {
  return (
    <main class="splash">
      <h1>{t.value.appName}</h1>
      <p role="status">{text}</p>
    </main>
  )
}
