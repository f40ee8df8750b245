/**
 * In language: gives texts in the language of the page. The words are set before any text is read. English needs none,
 * because its words are in the pages.
 */
import { translated } from './translation.ts'

/** The modules of texts that have a translation. All others are English. */
export type TranslatedModule = 'texts' | 'devices' | 'links' | 'tour' | 'display'

type Words = Readonly<Record<TranslatedModule, object>>

let words: Words | undefined

/** Sets the words of another language. Texts that were read before stay English. */
export function setWords(other: Words): void {
  words = other
}

/** The texts of a module, with the words of the language where it has some. */
export const inLanguage = <Texts extends object>(module: TranslatedModule, english: Texts): Texts =>
  words === undefined ? english : translated(english, words[module])
