/**
 * Language: the language of the console, and the locale of its numbers and times. Pages read their texts once, so a
 * change reloads the page.
 */

/** The languages by their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'skerry-language'

const isLanguage = (value: unknown): value is Language => typeof value === 'string' && Object.hasOwn(LANGUAGES, value)

/** The chosen language, else the first one of the browser's that the console has, else English. */
export function languageOf(chosen: unknown, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en'
}

type Page = {
  localStorage: {
    getItem(key: string): string | null
    setItem(key: string, value: string): void
    removeItem(key: string): void
  }
  navigator: { languages: readonly string[] }
  location: { reload(): void }
}

/** A worker has no window, and neither has a test outside of a browser. They write no texts. */
const { window: page } = globalThis as { window?: Page }

/** The choice of the person; undefined if the browser decides. */
export const chosenLanguage = (): Language | undefined => {
  const stored = page?.localStorage.getItem(KEY)
  return isLanguage(stored) ? stored : undefined
}

const wanted = page?.navigator.languages ?? []

/** The language that the browser asks for. */
export const browserLanguage: Language = languageOf(undefined, wanted)

export const language: Language = languageOf(chosenLanguage(), wanted)

/** Times in English have the order of day, month and year. */
export const timeLocale = language === 'en' ? 'en-GB' : language

/** Stores the choice; undefined leaves it to the browser. The page begins anew, so that all texts change together. */
export function chooseLanguage(next: Language | undefined): void {
  if (next === undefined) page?.localStorage.removeItem(KEY)
  else page?.localStorage.setItem(KEY, next)
  page?.location.reload()
}
