import type { AddedDevice, Device } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { confirmed } from '../app/confirm'
import { Dialog } from '../app/Dialog'
import { notifyProblem } from '../app/notices'
import { t } from '../i18n'
import { QrCode } from '../people/QrCode'
import type { Session } from '../session/session'
import { ownTracksLink } from './ownTracks'

/** The phones that share with the OwnTracks app: each has a password of its own, which can be taken away. */
export function Devices({ session, onClose }: { session: Session; onClose(): void }) {
  const texts = t.value.devices
  const devices = useSignal<Device[] | null>(null)
  const added = useSignal<AddedDevice | null>(null)
  const load = async () => {
    devices.value = await session.api.devices()
  }
  const attempt = async (action: () => Promise<void>) => {
    try {
      await action()
      await load()
    } catch (failure) {
      notifyProblem(failure)
    }
  }
  useEffect(() => void attempt(async () => {}), [])

  const add = (name: string) => attempt(async () => void (added.value = await session.api.addDevice(name)))
  const remove = async ({ id, name }: Device) => {
    if (!(await confirmed(texts.confirmRemove(name), texts.remove))) return
    if (added.value?.id === id) added.value = null
    await attempt(() => session.api.removeDevice(id))
  }
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <p class="hint">{texts.lead}</p>
      {added.value ? <Added device={added.value} gateway={session.gateway} /> : <NewDevice onAdd={add} />}
      {devices.value && devices.value.length > 0 && (
        <ul class="plain-list" aria-label={texts.title}>
          {devices.value.map((device) => (
            <li key={device.id} class="row" data-device={device.id}>
              <bdi>{device.name}</bdi>
              <button type="button" class="small quiet danger-text" onClick={() => void remove(device)}>{texts.remove}</button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

function NewDevice({ onAdd }: { onAdd(name: string): Promise<void> }) {
  const texts = t.value.devices
  const name = useSignal('')
  const busy = useSignal(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    await onAdd(name.value.trim())
    busy.value = false
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label for="device-name">{texts.name}</label>
      <div class="row">
        <input id="device-name" required maxLength={64} autocomplete="off" value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
        <button type="submit" class="primary" disabled={busy.value || !name.value.trim()}>{texts.add}</button>
      </div>
    </form>
  )
}

/** The password, this once: as a code for the phone's camera, a link for this device, and in words. */
function Added({ device, gateway }: { device: AddedDevice; gateway: string }) {
  const texts = t.value.devices
  const link = ownTracksLink(gateway, device)
  return (
    <section class="added-device" aria-live="polite">
      <p>{texts.scan(device.name)}</p>
      <QrCode text={link} label={texts.code(device.name)} />
      <a class="button quiet" href={link}>{texts.open}</a>
      <dl class="facts">
        <dt>{texts.url}</dt>
        <dd>{gateway}/owntracks</dd>
        <dt>{t.value.signIn.userName}</dt>
        <dd>{device.userName}</dd>
        <dt>{texts.password}</dt>
        <dd>{device.password}</dd>
      </dl>
      <p class="hint">{texts.once}</p>
    </section>
  )
}
