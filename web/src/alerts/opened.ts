/** What a notice leads to. */
export type Opened = { friend: string } | { people: true }

/** As in the address that a notice opens: `#friend=42`, `#people`; null: nothing of that. */
export function openedBy(hash: string): Opened | null {
  if (hash === '#people') return { people: true }
  const friend = /^#friend=(\d+)$/.exec(hash)?.[1]
  return friend === undefined ? null : { friend }
}

/** Calls `open` for the notice that opened the page, and for each that is clicked from now on, until the returned function is called. */
export function onOpened(open: (opened: Opened) => void): () => void {
  const follow = (hash: string) => {
    const opened = openedBy(hash)
    if (opened) open(opened)
  }
  if (openedBy(location.hash)) {
    follow(location.hash)
    history.replaceState(null, '', location.pathname + location.search)
  }
  const onMessage = ({ data }: MessageEvent) => {
    if (typeof data?.open === 'string') follow(data.open)
  }
  navigator.serviceWorker?.addEventListener('message', onMessage)
  return () => navigator.serviceWorker?.removeEventListener('message', onMessage)
}
