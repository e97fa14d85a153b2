import { wireLink } from '../wire-link.ts'

/** Linking by a code that is typed on the phone, instead of a QR that is scanned. */
export const WAWebAltDeviceLinkingApi = {
  setPairingType(_type: 'ALT_DEVICE_LINKING' | 'QR_CODE'): void {},
  async initializeAltDeviceLinking(): Promise<void> {},
  async startAltLinkingFlow(phone: string, _showNotification: boolean): Promise<string> {
    return (await wireLink.query('pairing.code', { phone })).code
  },
}
