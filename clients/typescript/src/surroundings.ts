/** What a client wants to know of the page that it runs in. */
export interface Surroundings {
  onOnline(): void
  onOffline(): void
  onVisibility(hidden: boolean): void
}

/** Tells of the network and of the page's visibility until the returned function is called; in Node.js there is nothing to tell. */
export function watchSurroundings({ onOnline, onOffline, onVisibility }: Surroundings): () => void {
  if (typeof document === 'undefined') return () => {}
  const stop = new AbortController()
  const { signal } = stop
  addEventListener('online', onOnline, { signal })
  addEventListener('offline', onOffline, { signal })
  document.addEventListener('visibilitychange', () => onVisibility(document.hidden), { signal })
  onVisibility(document.hidden)
  return () => stop.abort()
}
