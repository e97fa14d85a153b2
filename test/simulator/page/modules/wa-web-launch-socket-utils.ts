import { wireLink } from '../wire-link.ts'

export const WAWebLaunchSocketUtils = {
  /** Asks for new codes when the page has gone idle. */
  refreshQR: () => void wireLink.send({ t: 'qr.refresh' }),
}
