import { useSignal } from '@preact/signals'
import { confirmed } from '../app/confirm'
import { notify, notifyProblem } from '../app/notices'
import { t } from '../i18n'
import type { Day } from '../day/day'
import { Devices } from '../devices/Devices'
import type { Session } from '../session/session'
import { inviteLink } from './invite'
import { QrCode } from './QrCode'

/** Oneself: the name that friends see, how others find one, and the end of the account. */
export function Profile({ session, day, onSignOut }: { session: Session; day: Day; onSignOut(): void }) {
  const texts = t.value.profile
  const me = session.me.value
  const devices = useSignal(false)
  const change = async (changes: { displayName?: string; discoverable?: boolean }) => {
    try {
      await session.changeMe(changes)
    } catch (failure) {
      notifyProblem(failure)
    }
  }
  const erase = async () => {
    if (!(await confirmed(texts.confirmErase, texts.erase))) return
    try {
      await session.api.deleteMe()
      onSignOut()
    } catch (failure) {
      notifyProblem(failure)
    }
  }
  return (
    <section class="profile">
      <h2 class="list-title">{texts.title}</h2>
      <Invite userName={me.userName} />
      <Name name={me.displayName} onChange={(displayName) => change({ displayName })} />
      <label class="check">
        <input type="checkbox" checked={me.discoverable} onChange={(event) => void change({ discoverable: event.currentTarget.checked })} />
        <span>{texts.discoverable}</span>
      </label>
      <div class="row">
        <button type="button" class="quiet" onClick={() => void day.open()}>{t.value.day.title}</button>
        <button type="button" class="quiet" aria-haspopup="dialog" onClick={() => (devices.value = true)}>{t.value.devices.title}</button>
      </div>
      {devices.value && <Devices session={session} onClose={() => (devices.value = false)} />}
      <button type="button" class="quiet danger-text" onClick={() => void erase()}>{texts.erase}</button>
    </section>
  )
}

/** The user name is the only way to be found; a link or a code says it without typing. */
function Invite({ userName }: { userName: string }) {
  const texts = t.value.profile
  const isOpen = useSignal(false)
  const link = inviteLink(location.origin, userName)
  const share = async () => {
    // Who changes their mind about sharing has cancelled it.
    if (typeof navigator.share === 'function') return navigator.share({ url: link }).catch(() => {})
    await navigator.clipboard.writeText(link)
    notify(texts.copied)
  }
  return (
    <>
      <p>{texts.userName} <strong class="user-name">@{userName}</strong></p>
      <div class="row">
        <button type="button" class="primary" onClick={() => void share()}>{texts.invite}</button>
        <button type="button" class="quiet" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>{texts.code}</button>
      </div>
      {isOpen.value && <QrCode text={link} label={texts.codeOf(userName)} />}
    </>
  )
}

function Name({ name, onChange }: { name: string; onChange(name: string): Promise<void> }) {
  const texts = t.value.profile
  const typed = useSignal(name)
  const submit = (event: Event) => {
    event.preventDefault()
    void onChange(typed.value.trim())
  }
  return (
    <form onSubmit={submit}>
      <label for="own-name">{t.value.signIn.displayName}</label>
      <div class="row">
        <input id="own-name" required maxLength={64} autocomplete="nickname" value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} />
        <button type="submit" disabled={!typed.value.trim() || typed.value.trim() === name}>{texts.save}</button>
      </div>
    </form>
  )
}
