/** Selector cache: compiled selectors by their text. Compiling takes milliseconds and the same text always gives the same answer. */
import { compileSelector, type Selector, type SelectorRefusal } from '@skerry/core/selectors/selector'

/** Some thousand deployments with a few waves each; a compiled selector takes some 20 kB. */
const SELECTORS_MAX = 2_000

const compiled = new Map<string, Selector | SelectorRefusal>()

/** The selector of the text. */
export function cachedSelector(text: string): Selector | SelectorRefusal {
  const known = compiled.get(text)
  if (known) return known
  const selector = compileSelector(text)
  if (compiled.size >= SELECTORS_MAX) compiled.clear()
  compiled.set(text, selector)
  return selector
}

/** The selector of a text that was accepted before. */
export function storedSelector(text: string): Selector {
  const selector = cachedSelector(text)
  // Only accepted texts are stored; an upgrade that refuses one must be loud, not pick nobody.
  if (!selector.ok) throw new Error(`the stored selector ${text} does not compile: ${selector.message}`)
  return selector
}
