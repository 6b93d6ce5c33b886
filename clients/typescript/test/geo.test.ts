import { beforeEach, describe, expect, it } from 'vitest'
import type { FriendEntry } from '../src/messages.ts'
import { distanceBetween } from '../src/geo.ts'
import { NearbyList } from '../src/nearbyList.ts'

const HERE = { lat: 37.788, lon: -122.4075 }

const entry = (id: string, distance: number, time = 1000, name: string | undefined = `Friend ${id}`): FriendEntry => ({
  id, distance, time, lat: HERE.lat + distance / 111_195, lon: HERE.lon, ...(name ? { name } : {}),
})
const page = (list: number, number: number, friends: FriendEntry[], total = friends.length, cursor: string | null = null) =>
  ({ type: 'nearby', list, page: number, friends, total, cursor }) as const
const update = (list: number, total: number, moved: FriendEntry[], left: { id: string; reason: 'away' | 'gone' }[] = []) =>
  ({ type: 'friends', list, total, moved, left }) as const

let list: NearbyList
let left: string[]
const ids = () => list.sorted().map(({ id }) => id)

beforeEach(() => {
  left = []
  list = new NearbyList((friend, reason) => left.push(`${friend.id} ${reason}`))
})

describe('the list', () => {
  it('is sorted by distance', () => {
    list.applyPage(page(1, 1, [entry('a', 300), entry('b', 100), entry('c', 200)]))
    expect(ids()).toEqual(['b', 'c', 'a'])
  })

  it('is replaced by page 1 of a new list, and grows by later pages', () => {
    list.applyPage(page(1, 1, [entry('a', 100)], 2, 'next'))
    list.applyPage(page(1, 2, [entry('b', 200)], 2))
    expect(ids()).toEqual(['a', 'b'])

    list.applyPage(page(2, 1, [entry('c', 50)]))
    expect(ids()).toEqual(['c'])
    expect(left).toEqual([])
  })

  it('takes no page and no update of an older list', () => {
    list.applyPage(page(2, 1, [entry('a', 100)], 1))
    list.applyPage(page(1, 2, [entry('b', 200)], 9))
    list.applyUpdate(update(1, 9, [entry('c', 10)]))
    expect(ids()).toEqual(['a'])
    expect(list.total).toBe(1)
  })

  it('keeps the name of a friend who moves without one, and learns it from a later page', () => {
    list.applyPage(page(1, 1, [entry('a', 100)], 2, 'next'))
    list.applyUpdate(update(1, 2, [entry('a', 90, 2000, ''), entry('b', 80, 2000, '')]))
    expect(list.sorted().map(({ name }) => name)).toEqual([undefined, 'Friend a'])

    list.applyPage(page(1, 2, [entry('b', 200, 1500)], 2))
    expect(list.get('b')).toMatchObject({ name: 'Friend b', time: 2000 })
  })

  it('lets no friend go back in time', () => {
    list.applyPage(page(1, 1, [entry('a', 100, 2000)]))
    list.applyUpdate(update(1, 1, [entry('a', 500, 1999)]))
    list.applyPage(page(2, 1, [entry('a', 700, 1998)]))
    expect(list.get('a')).toMatchObject({ time: 2000, distance: 100 })
  })

  it('says who left, and why', () => {
    list.applyPage(page(1, 1, [entry('a', 100), entry('b', 200)]))
    list.applyUpdate(update(1, 0, [], [{ id: 'a', reason: 'away' }, { id: 'b', reason: 'gone' }, { id: 'c', reason: 'gone' }]))
    expect(left).toEqual(['a away', 'b gone'])
    expect(list.total).toBe(0)
  })

  it('drops a silent friend on time', () => {
    list.inactiveAfterMs = 600
    list.applyPage(page(1, 1, [entry('a', 100, 1000), entry('b', 200, 1200)]))
    expect(list.expire(1599)).toBe(false)
    expect(list.expire(1600)).toBe(true)
    expect(ids()).toEqual(['b'])
    expect(left).toEqual(['a gone'])
    expect(list.total).toBe(1)
  })

  it('measures from where one is now, not from where the gateway last heard', () => {
    list.applyPage(page(1, 1, [entry('north', 100), entry('far', 900)]))
    list.moveTo({ lat: HERE.lat + 1000 / 111_195, lon: HERE.lon })
    expect(ids()).toEqual(['far', 'north'])
    expect(list.get('north')?.distance).toBeCloseTo(900, 0)
  })

  it('is empty for who does not share', () => {
    list.applyPage(page(1, 1, [entry('a', 100)], 30, 'next'))
    list.clear()
    expect([ids(), list.total, list.cursor]).toEqual([[], 0, null])
  })
})

describe('distance', () => {
  it('from the equator to the pole is a quarter of the mean meridian', () => {
    expect(distanceBetween({ lat: 0, lon: 20 }, { lat: 90, lon: 0 })).toBeCloseTo((6_371_008.8 * Math.PI) / 2, 3)
  })

  it('is short across the antimeridian', () => {
    expect(distanceBetween({ lat: 0, lon: 179.9995 }, { lat: 0, lon: -179.9995 })).toBeCloseTo(111.195, 2)
  })
})
