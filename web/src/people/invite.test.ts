import { expect, it } from 'vitest'
import { invitedBy, inviteLink, withoutInvitation } from './invite'

it('an invitation leads to who sent it, once', () => {
  const link = inviteLink('https://near.example', 'ada_1')
  expect(link).toBe('https://near.example/?add=ada_1')
  expect(invitedBy(new URL(link).search)).toBe('ada_1')
  expect(withoutInvitation(`${link}&user=bo`)).toBe('https://near.example/?user=bo')
})

it('most addresses are no invitation', () => expect(invitedBy('?user=bo')).toBeNull())
