import { useEffect, useState } from 'preact/hooks'
import { type Address, readAddress } from '../address.ts'

/** Where in the page one is, as it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => readAddress(location.hash))
  useEffect(() => {
    const read = () => setAddress(readAddress(location.hash))
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return address
}
