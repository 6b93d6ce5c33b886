/** The promise: whoever awaits it handles its failure, which until then is not reported as one that nobody handles. */
export function handledLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
