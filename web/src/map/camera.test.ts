import { beforeEach, expect, it } from 'vitest'
import { Camera } from './camera'
import type { Ground } from './ground'

/** A ground of one pixel a degree, 400 pixels wide, that writes down what it is asked for. */
class FlatGround {
  readonly middle = { x: 200, y: 0 }
  readonly asked: string[] = []
  drag = () => {}
  project = ({ lat, lon }: { lat: number; lon: number }) => ({ x: 200 + lon, y: -lat })
  onDrag = (listener: () => void) => (this.drag = listener)
  centreOn = ({ lon }: { lon: number }) => this.asked.push(`centre ${lon}`)
  fit = ({ lon }: { lon: number }, metres: number) => this.asked.push(`fit ${lon} ${metres}`)
}

let ground: FlatGround
let camera: Camera

beforeEach(() => {
  ground = new FlatGround()
  camera = new Camera(ground as unknown as Ground)
})

it('follows who leaves the middle, and lets be who stays near it', () => {
  camera.track({ lat: 0, lon: 70 })
  expect(ground.asked).toEqual([])
  camera.track({ lat: 0, lon: 90 })
  expect(ground.asked).toEqual(['centre 90'])
})

it('follows no more once somebody has dragged the map, until asked to come back', () => {
  ground.drag()
  camera.track({ lat: 0, lon: 150 })
  expect(ground.asked).toEqual([])

  camera.comeBack({ lat: 0, lon: 150 }, 8047)
  camera.track({ lat: 0, lon: 10 + 90 })
  expect(ground.asked).toEqual(['fit 150 8047', 'centre 100'])
})

it('looks at a friend without being drawn back', () => {
  camera.lookAt({ lat: 0, lon: 120 })
  camera.track({ lat: 0, lon: 150 })
  expect(ground.asked).toEqual(['centre 120'])
})
