import { Emitter } from './emitter.ts'
import type { Model } from './model.ts'

type Key = string | { toString(): string } | undefined | null

/** Models by the string form of their id. Hears their events and tells them on as its own. */
export class Collection<M extends Model<object> & { id: { toString(): string } }> extends Emitter {
  readonly #models = new Map<string, M>()

  get length(): number {
    return this.#models.size
  }

  get(id: Key): M | undefined {
    return id === undefined || id === null ? undefined : this.#models.get(String(id))
  }

  add(model: M): M {
    const key = String(model.id)
    const known = this.#models.get(key)
    if (known) return known
    this.#models.set(key, model)
    model.bubbleTo(this)
    this.trigger('add', model, this)
    return model
  }

  /** A model goes by another id from now on, in its place. */
  replaceId(from: Key, to: M['id']): void {
    const models = [...this.#models]
    this.#models.clear()
    for (const [key, model] of models) this.#models.set(key === String(from) ? String(to) : key, model)
  }

  remove(model: M): void {
    if (!this.#models.delete(String(model.id))) return
    this.trigger('remove', model, this)
    model.stopBubblingTo(this)
  }

  reset(): void {
    for (const model of this.#models.values()) model.stopBubblingTo(this)
    this.#models.clear()
  }

  getModelsArray(): M[] {
    return [...this.#models.values()]
  }

  filter(fits: (model: M) => boolean): M[] {
    return this.getModelsArray().filter(fits)
  }

  last(): M | undefined {
    return this.getModelsArray().at(-1)
  }

  forEach(visit: (model: M) => void): void {
    this.#models.forEach(visit)
  }
}
