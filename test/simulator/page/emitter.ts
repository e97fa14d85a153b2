type Listener = (...args: never[]) => unknown

/** Events in the manner of WhatsApp's models: several names in one string, parents that hear their children. */
export class Emitter {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #parents = new Set<Emitter>()

  on(names: string, listener: Listener): this {
    for (const name of names.split(' ')) {
      const listeners = this.#listeners.get(name) ?? new Set()
      this.#listeners.set(name, listeners.add(listener))
    }
    return this
  }

  once(names: string, listener: Listener): this {
    const heard: Listener = (...args) => {
      this.off(names, heard)
      return listener(...args)
    }
    return this.on(names, heard)
  }

  off(names: string, listener: Listener): this {
    for (const name of names.split(' ')) this.#listeners.get(name)?.delete(listener)
    return this
  }

  hasListener(name: string): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  trigger(name: string, ...args: unknown[]): this {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...(args as never[]))
      } catch (error) {
        // A listener that throws must not keep the others, or the wire, from going on.
        reportError(error)
      }
    }
    for (const parent of this.#parents) parent.trigger(name, ...args)
    return this
  }

  /** Those that hear what this one tells. */
  get parents(): Iterable<Emitter> {
    return this.#parents
  }

  bubbleTo(parent: Emitter): void {
    this.#parents.add(parent)
  }

  stopBubblingTo(parent: Emitter): void {
    this.#parents.delete(parent)
  }
}
