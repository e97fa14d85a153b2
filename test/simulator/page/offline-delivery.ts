import { WAWebCmd } from './modules/wa-web-cmd.ts'
import { pageSettings } from './page-settings.ts'

const { Cmd } = WAWebCmd

/** What waited at the server while this page was off, as it comes after each connection. */
class OfflineDelivery {
  percent = 0
  #ended = Promise.withResolvers<void>()

  /** The connection is lost: after the next one there is a delivery again. */
  reset(): void {
    this.percent = 0
    if (!Cmd.isOfflineDeliveryEnd) return
    this.#ended = Promise.withResolvers<void>()
    Cmd.isOfflineDeliveryEnd = false
    Cmd.trigger('offline_delivery_state_reset_from_bridge')
  }

  progress(percent: number): void {
    this.percent = percent
    if (percent === 100) {
      Cmd.isOfflineDeliveryEnd = true
      this.#ended.resolve()
      Cmd.trigger('offline_delivery_end_from_bridge')
    }
    Cmd.trigger('offline_progress_update_from_bridge')
  }

  /** Resolves when the delivery has ended, or when it takes too long. */
  async waitForEnd(): Promise<void> {
    if (Cmd.isOfflineDeliveryEnd) return
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, pageSettings.current.offlineWaitLimitMs)
    await Promise.race([this.#ended.promise, limit.promise])
    clearTimeout(timer)
  }
}

export const offlineDelivery = new OfflineDelivery()
