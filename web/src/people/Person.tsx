import { Avatar } from './Avatar'

interface Props {
  id: string
  name: string
  detail?: string
  /** What can be done, at the end of the row. */
  children?: preact.ComponentChildren
}

/** A row of a list of people. */
export function Person({ id, name, detail, children }: Props) {
  return (
    <li class="friend" data-person={id}>
      <span class="friend-main still">
        <Avatar id={id} name={name} />
        <span class="friend-text">
          <bdi class="friend-name">{name}</bdi>
          {detail && <span class="friend-ago">{detail}</span>}
        </span>
      </span>
      {children}
    </li>
  )
}
