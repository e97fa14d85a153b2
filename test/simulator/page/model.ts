import { Emitter } from './emitter.ts'

/** Attributes as plain properties, with `change` events when they are set. */
export class Model<Attributes extends object> extends Emitter {
  readonly #names: Set<string>

  constructor(attributes: Attributes) {
    super()
    Object.assign(this, attributes)
    this.#names = new Set(Object.keys(attributes))
  }

  set(patch: Partial<Attributes>): this {
    const changes: [name: string, value: unknown, previous: unknown][] = []
    for (const [name, value] of Object.entries(patch)) {
      const previous: unknown = Reflect.get(this, name)
      if (previous === value) continue
      Reflect.set(this, name, value)
      this.#names.add(name)
      changes.push([name, value, previous])
    }
    for (const [name, value, previous] of changes) this.trigger(`change:${name}`, this, value, previous)
    if (changes.length > 0) this.trigger('change', this)
    return this
  }

  /** A shallow copy: ids stay instances of Wid and MsgKey. */
  serialize(): Record<string, unknown> {
    const copy: Record<string, unknown> = {}
    for (const name of this.#names) copy[name] = Reflect.get(this, name)
    return copy
  }

  toJSON(): Record<string, unknown> {
    return this.serialize()
  }
}
