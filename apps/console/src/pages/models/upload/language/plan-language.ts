/** Plan language: the part of each file that was dropped with a language model. */
import type { Dropped } from '../file-plan.ts'

export type LanguagePlan<File> = { settings?: File; prompts?: File; unused: File[] }

/** Golden prompts have a name such as prompts.json or golden.json. Another JSON file, such as language.json, has settings. */
export function planLanguage<File extends Dropped>(files: readonly File[], model: File): LanguagePlan<File> {
  const documents = files.filter(({ path }) => /\.json$/i.test(path))
  const prompts = documents.find(({ path }) => isPrompts(path))
  const settings =
    documents.find(({ path }) => /(^|\/)language\.json$/i.test(path)) ?? documents.find(({ path }) => !isPrompts(path))
  return {
    ...(settings && { settings }),
    ...(prompts && { prompts }),
    unused: files.filter((file) => file !== model && file !== settings && file !== prompts),
  }
}

const isPrompts = (path: string) => /(golden|prompt)[^/]*$/i.test(path)
