import { offlineDelivery } from '../offline-delivery.ts'
import { WAWebCmd } from './wa-web-cmd.ts'

const { Cmd } = WAWebCmd

export const WAWebOfflineHandler = {
  OfflineMessageHandler: {
    getOfflineDeliveryProgress: () => offlineDelivery.percent,
    isResumeFromRestartComplete: () => Cmd.isOfflineDeliveryEnd,
  },
}

export const WAWebEventsWaitForOfflineDeliveryEnd = {
  isOfflineDeliveryEnd: () => Cmd.isOfflineDeliveryEnd,
  waitForOfflineDeliveryEnd: () => offlineDelivery.waitForEnd(),
}
