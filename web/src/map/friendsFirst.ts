import { effect } from '@preact/signals'

const LONGEST_WAIT_MS = 5_000

/**
 * Resolves when no list is due any more, or after a while. The map's library is most of the script: on a slow network it would hold
 * up the friends. `isDue` reads signals.
 */
export function friendsFirst(isDue: () => boolean): Promise<void> {
  let end = () => {}
  const come = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LONGEST_WAIT_MS)
    const endEffect = effect(() => {
      if (!isDue()) resolve()
    })
    end = () => {
      clearTimeout(timer)
      endEffect()
    }
  })
  return come.finally(end)
}
