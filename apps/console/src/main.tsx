/**
 * Main: loads the words of the language, then everything else, because modules read their words once. English words are
 * part of the modules.
 */
import { setWords } from './texts/in-language.ts'
import { language } from './texts/language.ts'

void begin()

async function begin(): Promise<void> {
  document.documentElement.lang = language
  // Without its words the console is in English, which is better than no console.
  if (language === 'de') await loadGerman().catch(() => undefined)
  await import('./start.tsx')
}

async function loadGerman(): Promise<void> {
  const { german } = await import('./texts/german/german.ts')
  setWords(german)
}
