/** What the QR code is made of besides the server's reference: WABase64 and the stores of this device's keys. */
const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const encodeB64 = (data: Uint8Array) => btoa(String.fromCharCode(...data))

const noise = { staticKeyPair: { pubKey: bytes(32), privKey: bytes(32) } }
const registration = { registrationId: 1, identityKeyPair: { pubKey: bytes(32), privKey: bytes(32) } }
const advSecret = encodeB64(bytes(32))

export const WABase64 = { encodeB64 }
export const WAWebCompanionRegClientUtils = { DEVICE_PLATFORM: '1' }
export const WAWebAdvSignatureApi = {}
export const WAWebUserPrefsInfoStore = { waNoiseInfo: { get: async () => noise } }
export const WAWebSignalStoreApi = { waSignalStore: { getRegistrationInfo: async () => registration } }
export const WAWebUserPrefsMultiDevice = { getADVSecretKey: () => advSecret }
export const WAWebMiscBrowserUtils = {
  info: () => ({ os: 'Linux', name: 'Chrome', version: navigator.userAgent }),
}
