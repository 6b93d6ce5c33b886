import type { LatLon } from '@nearbyfriends/client'

export type PlaceProblem = 'insecure' | 'denied' | 'unavailable'

/** Whether the position can be had without asking the user. */
export async function isDeviceAllowed(): Promise<boolean> {
  if (!isSecureContext || !('geolocation' in navigator)) return false
  return (await navigator.permissions.query({ name: 'geolocation' })).state === 'granted'
}

/** Tells where the device is, and why it cannot be told, until the returned function is called. */
export function watchDevice(onPlace: (place: LatLon, accuracy: number) => void, onProblem: (problem: PlaceProblem) => void): () => void {
  if (!isSecureContext || !('geolocation' in navigator)) {
    onProblem('insecure')
    return () => {}
  }
  const start = () =>
    navigator.geolocation.watchPosition(
      ({ coords }) => onPlace({ lat: coords.latitude, lon: coords.longitude }, coords.accuracy),
      (failure) => onProblem(failure.code === failure.PERMISSION_DENIED ? 'denied' : 'unavailable'),
      { enableHighAccuracy: true, maximumAge: 5_000 },
    )
  let watch = start()
  const stop = new AbortController()
  // Who allows it in the browser's settings need not come back here to say so.
  void navigator.permissions.query({ name: 'geolocation' }).then((permission) =>
    permission.addEventListener('change', () => {
      navigator.geolocation.clearWatch(watch)
      watch = start()
    }, { signal: stop.signal }),
  )
  return () => {
    stop.abort()
    navigator.geolocation.clearWatch(watch)
  }
}
