import { describe, expect, it, vi } from 'vitest'

vi.hoisted(() => {
  // The page's surroundings, as far as choosing a language looks at them.
  const globals: Record<string, unknown> = { location: { search: '' }, localStorage: { getItem: () => null, setItem: () => {} } }
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  Object.defineProperty(globalThis.navigator ?? (globalThis.navigator = {} as Navigator), 'languages', { value: ['en-US', 'ko'], configurable: true })
})

const { en } = await import('./en')
const { ko } = await import('./ko')
const { agoText, distanceText, timeText, usesMiles } = await import('./units')

describe('units', () => {
  it.each([['en-US', true], ['en-GB', true], ['en', true], ['en-CA', false], ['ko', false], ['ko-KR', false]])('%s: miles %s', (tag, miles) => {
    expect(usesMiles(tag)).toBe(miles)
  })

  it.each([
    [42, 'en-US', '140 ft'], [804.7, 'en-US', '0.5 mi'], [8047, 'en-US', '5 mi'], [16_093, 'en-US', '10 mi'],
    [42, 'ko-KR', '40m'], [1234, 'ko-KR', '1.2km'], [12_345, 'en-CA', '12 km'],
  ])('%d m in %s are %s', (metres, tag, text) => {
    expect(distanceText(metres, tag)).toBe(text)
  })

  it.each([[0, 'now'], [12_400, '12 s ago'], [185_000, '3 min ago'], [7_300_000, '2 h ago']])('%d ms are %s', (ms, text) => {
    expect(agoText(ms)).toBe(text)
  })
})

describe('times', () => {
  const now = new Date(2026, 10, 27, 10, 0).getTime() // a Friday

  it.each([
    [8, 'en-US', '6:00 PM'], [8, 'en-GB', '18:00'], [20, 'en-GB', 'Sat 06:00'],
  ])('%d h from now in %s is %s', (hours, tag, text) => {
    expect(timeText(now + hours * 3_600_000, now, tag).replace(/\u202f/g, ' ')).toBe(text)
  })
})

describe('texts', () => {
  const shape = (texts: object, path = ''): string[] =>
    Object.entries(texts).flatMap(([key, value]) => (typeof value === 'object' ? shape(value as object, `${path}${key}.`) : [`${path}${key}:${typeof value}`]))

  /** Every text as it is shown, with a number or a name in it. */
  const said = (texts: object): string[] =>
    Object.values(texts).flatMap((value: unknown) =>
      typeof value === 'function' ? [String(value(...Array<number>(value.length).fill(7)))] : typeof value === 'object' ? said(value as object) : [String(value)])

  it('are all there in Korean', () => {
    expect(shape(ko).sort()).toEqual(shape(en).sort())
  })

  it('do not tell who asked that they were declined', () => {
    expect(en.problems['request-declined']).not.toMatch(/declin|refus/i)
    expect(ko.problems['request-declined']).not.toContain('거절')
  })

  it('are Korean in Korean', () => {
    expect(said(ko).filter((text) => !/[가-힣]/.test(text))).toEqual([])
  })
})
