/**
 * Next page: the page that a person wanted, kept while a provider has the browser. Only this tab has it, and can read
 * it once.
 */
import { signInSearch } from '../../search.ts'

const KEY = 'skerry-next'

export const keepNext = (next: string): void => window.sessionStorage.setItem(KEY, next)

/** The value is checked like everything that comes from outside. */
export function takeNext(): string {
  const next = window.sessionStorage.getItem(KEY)
  window.sessionStorage.removeItem(KEY)
  return signInSearch({ next: next ?? undefined }).next ?? '/'
}
