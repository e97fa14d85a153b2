import { randomBytes } from 'node:crypto'
import type { WireOrder, WireProduct } from '../wire.ts'

interface Order extends WireOrder {
  id: string
  /** Whoever has it may read the order. */
  token: string
  /** Digits of the number of the business. */
  account: string
}

/** What customers ordered from the catalogues of businesses. In memory only. */
export class Orders {
  #all: Order[] = []

  place(account: string, products: WireProduct[]): Order {
    const total = products.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
    const order = {
      id: String(this.#all.length + 1).padStart(16, '0'),
      token: randomBytes(24).toString('base64'),
      ...{ account, products, subtotal: total, total, createdAt: Math.floor(Date.now() / 1000) },
      currency: products[0]?.currency ?? '',
    }
    this.#all.push(order)
    return order
  }

  find(id: string, token: string): WireOrder | undefined {
    return this.#all.find((order) => order.id === id && order.token === token)
  }

  product(account: string, id: string): WireProduct | undefined {
    return this.#all
      .filter((order) => order.account === account)
      .flatMap(({ products }) => products)
      .find((product) => product.id === id)
  }

  clear(): void {
    this.#all = []
  }
}
