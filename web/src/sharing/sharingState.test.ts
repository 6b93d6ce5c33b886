import { expect, it } from 'vitest'
import { sharingState, type SharingFacts } from './sharingState'

const live: SharingFacts = { sharing: true, isConnected: true, wasConnected: true, hasPlace: true, following: false, problem: null }

it('friends see who shares, is connected and has said where', () => expect(sharingState(live)).toBe('shared'))

it.each<[Partial<SharingFacts>, string]>([
  [{ sharing: false }, 'hidden'],
  [{ hasPlace: false }, 'noPlace'],
  [{ hasPlace: false, problem: 'denied' }, 'deviceSilent'],
  [{ hasPlace: false, following: true }, 'elsewhere'],
  [{ isConnected: false }, 'offline'],
  [{ isConnected: false, wasConnected: false }, 'starting'],
  [{ sharing: false, isConnected: false, problem: 'denied' }, 'hidden'],
])('the page does not claim that friends see who has %o', (facts, state) => expect(sharingState({ ...live, ...facts })).toBe(state))
