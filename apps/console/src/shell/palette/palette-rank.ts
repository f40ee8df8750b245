/**
 * Palette rank: the order of the palette's items for a typed text, in the range of cmdk: 0 hides an item, 1 is best. A
 * person who types the name of a thing wants the thing, so things come before pages and actions with the same words.
 */

/** `value` is `page Devices`, `action New source` or `device press-1`; `keywords` has the name of a thing. */
export function paletteRank(value: string, search: string, keywords?: readonly string[]): number {
  const text = search.trim().toLowerCase()
  const [name] = keywords ?? []
  if (text === '') return 1
  if (name !== undefined) return rankOf(name.toLowerCase(), text, THING)
  const [, ...words] = value.toLowerCase().split(' ')
  return rankOf(words.join(' '), text, PAGE)
}

type Ranks = { same: number; begins: number; word: number; holds: number; all: number }

const THING: Ranks = { same: 1, begins: 0.9, word: 0.8, holds: 0.7, all: 0.4 }

/** The whole name of a page is as good as that of a thing. */
const PAGE: Ranks = { same: 0.95, begins: 0.6, word: 0.5, holds: 0.3, all: 0.2 }

function rankOf(name: string, text: string, { same, begins, word, holds, all }: Ranks): number {
  if (name === text) return same
  if (name.startsWith(text)) return begins
  const parts = name.split(/[\s.:@-]+/)
  if (parts.some((part) => part.startsWith(text))) return word
  if (name.includes(text)) return holds
  return text.split(/\s+/).every((piece) => name.includes(piece)) ? all : 0
}
