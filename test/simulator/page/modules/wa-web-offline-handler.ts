let percent = 0

export function reportProgress(done: number): void {
  percent = done
}

export const WAWebOfflineHandler = {
  OfflineMessageHandler: {
    getOfflineDeliveryProgress: () => percent,
    isOfflineDeliveryEnd: () => percent === 100,
  },
}
