/** Next page: where somebody wanted to go, kept while a provider has the browser. Of this tab only, and taken out once. */
import { signInSearch } from '../../search.ts'

const KEY = 'skerry-next'

export const keepNext = (next: string): void => window.sessionStorage.setItem(KEY, next)

/** Looked at as everything that comes from outside. */
export function takeNext(): string {
  const next = window.sessionStorage.getItem(KEY)
  window.sessionStorage.removeItem(KEY)
  return signInSearch({ next: next ?? undefined }).next ?? '/'
}
