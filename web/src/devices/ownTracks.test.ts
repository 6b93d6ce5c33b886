import { expect, it } from 'vitest'
import { ownTracksLink } from './ownTracks'

it('a link holds what the app needs to reach the gateway', () => {
  const link = new URL(ownTracksLink('https://gateway.example', { userName: 'ada', password: 'k7m2x-ü+/' }))
  expect(link.href).toMatch(/^owntracks:\/\/\/config\?inline=/)
  const json = Buffer.from(link.searchParams.get('inline') ?? '', 'base64').toString('utf8')
  expect(JSON.parse(json)).toEqual({
    _type: 'configuration', mode: 3, url: 'https://gateway.example/owntracks', auth: true, username: 'ada', password: 'k7m2x-ü+/',
  })
})
