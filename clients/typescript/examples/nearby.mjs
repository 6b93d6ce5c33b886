// Two friends meet on Union Square. Against a Development system: API and GATEWAY are its base addresses, which
// .nearby/endpoints.json has once `./nearby run` has started it.
import { existsSync, readFileSync } from 'node:fs'
import { developmentTokens, NearbyApi, NearbyClient, register } from '@nearbyfriends/client'

const endpoints = new URL('../../../.nearby/endpoints.json', import.meta.url)
const started = existsSync(endpoints) ? JSON.parse(readFileSync(endpoints, 'utf8')) : {}
const { API: api = started.api, GATEWAY: gateway = started.gateway } = process.env
if (!api || !gateway) throw new Error('Start a system with ./nearby run, or set API and GATEWAY.')

async function newUser(name) {
  const userName = `${name}-${crypto.randomUUID().slice(0, 8)}`
  await register(api, userName, name)
  return new NearbyApi(api, developmentTokens(api, userName))
}

const [ada, bo] = [await newUser('Ada'), await newUser('Bo')]
await ada.requestFriend((await bo.me()).id)
await bo.requestFriend((await ada.me()).id) // Requests that cross make friends.

const [adas, bos] = [ada, bo].map((user) => new NearbyClient({ gateway, api: user }))
adas.on('list', ({ friends }) => friends.forEach(({ name, distance }) => console.log(`${name} is ${Math.round(distance)} m away`)))
adas.on('left', ({ friend, reason }) => console.log(`${friend.name} left (${reason})`))
adas.start()
bos.start()
adas.moveTo({ lat: 37.788, lon: -122.4075 })
for (const metres of [900, 600, 300]) {
  bos.moveTo({ lat: 37.788 + metres / 111_195, lon: -122.4075 })
  await new Promise((moved) => setTimeout(moved, 3_000))
}
await bos.setSharing(false)
await new Promise((left) => adas.on('left', left))
adas.stop()
bos.stop()
