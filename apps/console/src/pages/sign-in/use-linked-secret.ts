/**
 * Linked secret: the secret that a link carries behind `#name=`. Browsers never send that part anywhere. The page
 * removes it from the address at once.
 */
import { useEffect, useState } from 'react'

/** Undefined before the first look, null if there is none. */
export function useLinkedSecret(name: string): string | null | undefined {
  const [secret, setSecret] = useState<string | null>()
  useEffect(() => {
    const take = () => {
      const linked = new URLSearchParams(window.location.hash.slice(1)).get(name)
      if (linked !== null) window.history.replaceState(null, '', window.location.pathname + window.location.search)
      setSecret((before) => linked ?? before ?? null)
    }
    take()
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [name])
  return secret
}
