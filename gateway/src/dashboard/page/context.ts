import type { Role } from '@wsg/shared/roles.ts'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { TokenSelf } from '../../routes/tokens/token-self.ts'
import type { Facts } from '../facts.ts'
import type { Api } from './api/api.ts'

/** What every part of the page may need. */
export interface Context {
  api: Api
  facts: Facts
  /** What the token allows. */
  self: TokenSelf
  /** Whether the token has this role, or one that may more. */
  may: (role: Role) => boolean
  /** Times are shown in UTC instead of the time of this machine. */
  isUtc: boolean
}

export const AppContext = createContext<Context | null>(null)

export function useApp(): Context {
  const context = useContext(AppContext)
  if (context === null) throw new Error('outside of the app')
  return context
}
