/** Own index: the next index of a catalogue that the hub itself signs. */
import { CATALOGUE_LISTINGS_MAX, type CatalogueEntry, type CatalogueIndex } from '@skerry/contract/market/catalogue'

/** A copy on a stick is good for so long. It is the default of `skerry market publish` too. */
export const OWN_INDEX_LIFE_MS = 90 * 86_400_000

/** A hub that was off for a month still signs a new index before the old one expires. */
export const OWN_INDEX_RENEW_MS = 60 * 86_400_000

/** The first index, without listings. */
export const firstIndex = (name: string, nowMs: number): CatalogueIndex => ({
  v: 1,
  name,
  version: 1,
  expiresAtMs: nowMs + OWN_INDEX_LIFE_MS,
  listings: [],
})

export type NextIndex = { ok: true; index: CatalogueIndex } | { ok: false; message: string }

/** The index with one more version. A published version never changes. */
export function publishInto(index: CatalogueIndex, entry: CatalogueEntry, nowMs: number): NextIndex {
  const { name, version } = entry
  if (index.listings.some((each) => each.name === name && each.version === version)) {
    return { ok: false, message: `${name}@${version} is published already` }
  }
  if (index.listings.length >= CATALOGUE_LISTINGS_MAX) {
    return { ok: false, message: `a catalogue has at most ${CATALOGUE_LISTINGS_MAX} versions` }
  }
  return { ok: true, index: renewed({ ...index, listings: [...index.listings, entry] }, nowMs) }
}

type Version = Pick<CatalogueEntry, 'name' | 'version'>

/** The index in which nobody can install the version any more. It continues where it runs. */
export function yankFrom(index: CatalogueIndex, { name, version }: Version, reason: string, nowMs: number): NextIndex {
  const isWanted = (entry: Version) => entry.name === name && entry.version === version
  if (!index.listings.some(isWanted)) return { ok: false, message: `the catalogue has no ${name}@${version}` }
  const listings = index.listings.map((entry) => (isWanted(entry) ? { ...entry, yanked: { reason } } : entry))
  return { ok: true, index: renewed({ ...index, listings }, nowMs) }
}

/** The same listings with the next number and a new expiry. */
export const renewed = (index: CatalogueIndex, nowMs: number): CatalogueIndex => ({
  ...index,
  version: index.version + 1,
  expiresAtMs: nowMs + OWN_INDEX_LIFE_MS,
})

/** Whether the index should be signed again. */
export const needsRenewal = ({ expiresAtMs }: Pick<CatalogueIndex, 'expiresAtMs'>, nowMs: number): boolean =>
  expiresAtMs - nowMs < OWN_INDEX_RENEW_MS
