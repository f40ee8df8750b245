/** In language: gives texts in the language of the page. English needs no words, because they are in the pages. */
import { language } from './language.ts'
import { translated } from './translation.ts'

/** The modules of texts that have a translation. All others are English. */
export type TranslatedModule =
  | 'texts'
  | 'devices'
  | 'links'
  | 'tour'
  | 'display'
  | 'answers'
  | 'sinks'
  | 'sources'
  | 'deployments'
  | 'deploy'

type Words = Readonly<Record<TranslatedModule, object>>

/**
 * Every module of texts waits for them here, because pages read their texts once. German words import no other code of
 * the console, which would wait for them in turn.
 */
const words: Words | undefined = language === 'de' ? await germanWords() : undefined

/** Without its words the console is in English, which is better than no console. */
function germanWords(): Promise<Words | undefined> {
  return import('./german/german.ts').then(
    ({ german }) => german,
    () => undefined,
  )
}

/** The texts of a module, with the words of the language where it has some. */
export const inLanguage = <Texts extends object>(module: TranslatedModule, english: Texts): Texts =>
  words === undefined ? english : translated(english, words[module])
