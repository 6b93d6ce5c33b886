import { avatarHue, initials } from './face'

export function Avatar({ id, name }: { id: string; name: string }) {
  // Set from script: the Content-Security-Policy lets no style attribute in.
  return (
    <span class="avatar" aria-hidden="true" ref={(element) => element?.style.setProperty('--hue', String(avatarHue(id)))}>
      {initials(name)}
    </span>
  )
}
