import type { Signal } from '@preact/signals'
import { t } from '../i18n'

export function UserNameField({ value }: { value: Signal<string> }) {
  const texts = t.value.signIn
  return (
    <>
      <label for="user-name">{texts.userName}</label>
      <input
        id="user-name" required minLength={3} maxLength={32} pattern="[A-Za-z0-9_.\-]+" title={texts.userNameForm} autocomplete="username"
        autocapitalize="none" spellcheck={false} value={value.value} onInput={(event) => (value.value = event.currentTarget.value)}
      />
    </>
  )
}

export function DisplayNameField({ value }: { value: Signal<string> }) {
  return (
    <>
      <label for="display-name">{t.value.signIn.displayName}</label>
      <input id="display-name" maxLength={64} autocomplete="nickname" value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} />
    </>
  )
}
