import { expect, it } from 'vitest'
import { Latest } from './latest'

/** A server that answers when the test says so. */
function server() {
  const requests: { answer(value: string): void; fail(): void }[] = []
  const shown: string[] = []
  const latest = new Latest(
    () => new Promise<string>((resolve, reject) => requests.push({ answer: resolve, fail: () => reject(new Error('unavailable')) })),
    (value) => shown.push(value),
  )
  return { latest, requests, shown, settle: () => new Promise((resolve) => setTimeout(resolve)) }
}

it('who asks while an answer is on its way gets a newer one, and the old one is not shown', async () => {
  const { latest, requests, shown, settle } = server()
  const first = latest.refresh()
  const second = latest.refresh()
  requests[0]?.answer('before')
  await settle()
  expect(requests.length).toBe(2)
  expect(shown).toEqual([])

  requests[1]?.answer('after')
  await Promise.all([first, second])
  expect(shown).toEqual(['after'])
  expect(requests.length).toBe(2)
})

it('a change makes an answer old that is on its way, and asks for nothing else', async () => {
  const { latest, requests, shown, settle } = server()
  latest.changed()
  expect(requests.length).toBe(0)

  const refreshed = latest.refresh()
  latest.changed()
  requests[0]?.answer('before')
  await settle()
  requests[1]?.answer('after')
  await refreshed
  expect(shown).toEqual(['after'])
})

it('who asks each second gets the answer of a server that takes longer', async () => {
  const { latest, requests, shown, settle } = server()
  latest.ensure()
  latest.ensure()
  requests[0]?.answer('now')
  await settle()
  expect(requests.length).toBe(1)
  expect(shown).toEqual(['now'])
})

it('after a failure the next request asks again', async () => {
  const { latest, requests, shown } = server()
  const failed = latest.refresh()
  requests[0]?.fail()
  await failed
  expect(shown).toEqual([])

  const refreshed = latest.refresh()
  requests[1]?.answer('now')
  await refreshed
  expect(shown).toEqual(['now'])
})
