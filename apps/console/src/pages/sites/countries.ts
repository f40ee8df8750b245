/** Countries: the codes of ISO 3166-1 with their English names, from the browser's own data. */
import { language } from '../../texts/language.ts'

/** Regions in the data that are no countries: unions, unknown places and places for tests. */
const NO_COUNTRIES: ReadonlySet<string> = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ'])

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

type Country = { code: string; name: string }

/** By name. Codes of former countries have the name of a present one, and the present code is the canonical one. */
export const COUNTRIES: readonly Country[] = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
  .flatMap((code): Country[] => {
    const isPresent = new Intl.Locale('und', { region: code }).region === code && !NO_COUNTRIES.has(code)
    const name = isPresent && new Intl.DisplayNames(language, { type: 'region', fallback: 'none' }).of(code)
    return typeof name === 'string' ? [{ code, name }] : []
  })
  .toSorted((a, b) => a.name.localeCompare(b.name))

/** The code of what a person typed: a code in small letters, or the name of a country. Other text stays. */
export function countryCode(typed: string): string {
  const plain = typed.trim().toLowerCase()
  const named = plain.length > 2 ? COUNTRIES.find(({ name }) => name.toLowerCase() === plain) : undefined
  return named?.code ?? (typed.length <= 2 ? typed.toUpperCase() : typed)
}
