/**
 * Selector cache: compiled selectors by their text. Compiling takes milliseconds, and the same text always gives the
 * same result.
 */
import { compileSelector, type Selector, type SelectorRefusal } from '@skerry/core/selectors/selector'

/** Enough for some thousand deployments with a few waves each; a compiled selector takes some 20 kB. */
const SELECTORS_MAX = 2_000

const compiled = new Map<string, Selector | SelectorRefusal>()

/** The compiled selector of the text. */
export function cachedSelector(text: string): Selector | SelectorRefusal {
  const known = compiled.get(text)
  if (known) return known
  const selector = compileSelector(text)
  if (compiled.size >= SELECTORS_MAX) compiled.clear()
  compiled.set(text, selector)
  return selector
}

/** The compiled selector of a text that was accepted before. */
export function storedSelector(text: string): Selector {
  const selector = cachedSelector(text)
  // The store has accepted texts only. An upgrade that rejects one must fail loudly, and not select no devices.
  if (!selector.ok) throw new Error(`the stored selector ${text} does not compile: ${selector.message}`)
  return selector
}
