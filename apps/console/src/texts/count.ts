/** Numbers in English words: `1 device`, `2,000 devices`. */
import { language } from './language.ts'

export const number = new Intl.NumberFormat(language)

export const count = (value: number, one: string, many = `${one}s`) =>
  `${number.format(value)} ${value === 1 ? one : many}`
