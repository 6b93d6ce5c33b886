/** A value that a Web Storage keeps as JSON, for as long as that lives; `otherwise` where there is none, or a broken one. */
export class Kept<T> {
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly key: string,
    private readonly otherwise: T,
  ) {}

  get value(): T {
    try {
      const text = this.storage.getItem(this.key)
      return text === null ? this.otherwise : (JSON.parse(text) as T)
    } catch {
      return this.otherwise
    }
  }

  set value(value: T) {
    try {
      this.storage.setItem(this.key, JSON.stringify(value))
    } catch {
      // The storage is full or forbidden: nothing is kept.
    }
  }
}
