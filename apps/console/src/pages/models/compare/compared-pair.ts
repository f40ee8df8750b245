/** Compared pair: the two versions of a comparison. Versions that the address does not name are the newest ones. */
import type { VersionWord } from '../../../search.ts'

export type ComparedPair = { a?: VersionWord | undefined; b?: VersionWord | undefined }

/** `a` is the older of two that nobody has chosen. A model with one version has nothing to compare it with. */
export function comparedPair({ a, b }: ComparedPair, versions: readonly number[]): ComparedPair {
  const newest = versions.toSorted((one, other) => other - one)
  const to = b ?? newest.find((version) => version !== a)
  const from =
    a ?? newest.find((version) => version !== to && (typeof to !== 'number' || b !== undefined || version < to))
  return { a: from, b: to }
}
