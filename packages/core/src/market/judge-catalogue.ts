/**
 * Judge catalogue: whether a hub may use a new index in place of its last good one. The signature is checked before.
 *
 * [TUF 1.0.33, 1.5.2] The attacks: rollback (an older index), freeze (an index that no longer expires in time), mix and
 * match (two indices of one number).
 */
import type { CatalogueIndex, CatalogueProblemCode } from '@skerry/contract/market/catalogue'
import type { Digest } from '@skerry/contract/values/digest'

/** The facts of the last good index. */
export type KnownIndex = { version: number; digest: Digest }

export type CatalogueVerdict =
  | { ok: true; change: 'newer' | 'same' }
  | { ok: false; code: CatalogueProblemCode; message: string }

type Facts = {
  /** The name of the subscription. */
  name: string
  known: KnownIndex | undefined
  index: Pick<CatalogueIndex, 'name' | 'version' | 'expiresAtMs'>
  digest: Digest
  nowMs: number
}

/** The verdict on a signed index. The order matters: an old index is an attack even if it has not expired. */
export function judgeCatalogue({ name, known, index, digest, nowMs }: Facts): CatalogueVerdict {
  if (index.name !== name) {
    return refused('catalogue_renamed', `the index is of the catalogue ${index.name}, not of ${name}`)
  }
  if (known && index.version < known.version) {
    return refused(
      'catalogue_rolled_back',
      `the index has version ${index.version}, and this hub has seen ${known.version}; an old copy was put in its place`,
    )
  }
  if (known && index.version === known.version && digest !== known.digest) {
    return refused('catalogue_mixed', `two different indices have the version ${index.version}; publish a new one`)
  }
  if (nowMs >= index.expiresAtMs) return refused('catalogue_expired', expiredText(index.expiresAtMs, nowMs))
  return { ok: true, change: known?.version === index.version ? 'same' : 'newer' }
}

/** Whether an index that was good has expired since. Nothing is installed from an expired index. */
export const expiryProblem = (expiresAtMs: number, nowMs: number): string | undefined =>
  nowMs >= expiresAtMs ? expiredText(expiresAtMs, nowMs) : undefined

const DAY_MS = 86_400_000

function expiredText(expiresAtMs: number, nowMs: number): string {
  const days = Math.floor((nowMs - expiresAtMs) / DAY_MS)
  const since = days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`
  return `the index expired ${since}; it may hide newer versions, so get the newest copy of the catalogue`
}

const refused = (code: CatalogueProblemCode, message: string) => ({ ok: false, code, message }) as const
