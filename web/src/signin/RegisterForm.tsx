import { ApiError } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { problem, t } from '../i18n'
import { DisplayNameField, UserNameField } from './fields'

interface Props {
  lead: string
  onSubmit(userName: string, displayName: string): Promise<void>
}

/** The names of a new user. */
export function RegisterForm({ lead, onSubmit }: Props) {
  const userName = useSignal('')
  const displayName = useSignal('')
  const error = useSignal<string | null>(null)
  const submit = async (event: Event) => {
    event.preventDefault()
    error.value = null
    try {
      await onSubmit(userName.value.trim(), displayName.value.trim() || userName.value.trim())
    } catch (failure) {
      error.value = failure instanceof ApiError ? failure.code : 'other'
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p class="hint">{lead}</p>
      <UserNameField value={userName} />
      <DisplayNameField value={displayName} />
      <p class="error" role="alert">{error.value && problem(error.value)}</p>
      <button type="submit" class="primary wide">{t.value.signIn.create}</button>
    </form>
  )
}
