/**
 * The server's side of a masked round: from the answers of the clients that are left, it finds the masks in the sum of
 * the uploads, or why the round gives no sum. The sum itself grows by one upload at a time, and needs one vector.
 */
import { addsMask, type Revealed } from './client.ts'
import { combineShares } from './shamir.ts'
import { addWords, type Expander, subtractWords } from './words.ts'

export type MaskedRound = {
  /** The neighbours of each client. */
  neighbours: ReadonlyMap<string, readonly string[]>
  /** The clients whose uploads are in the sum. */
  uploaded: ReadonlySet<string>
  /** The answers of the clients that are left. */
  answers: readonly Revealed[]
  threshold: number
  minimum: number
}

/** A mask in the sum: one of a client that uploaded, or one that a client left with a pair that vanished. */
export type LeftMask =
  | { kind: 'own'; client: string; seed: Uint8Array }
  | { kind: 'pair'; vanished: string; key: Uint8Array; client: string }

export type UnmaskRefusal = {
  ok: false
  code: 'masking_few' | 'masking_shares'
  client?: string
  found: number
  needed: number
}

export type UnmaskPlan = { ok: true; masks: LeftMask[] } | UnmaskRefusal

/** The masks that are left in the sum. A round with too few uploads, or too few shares of a client, gives no sum. */
export function planUnmasking({ neighbours, uploaded, answers, threshold, minimum }: MaskedRound): UnmaskPlan {
  if (uploaded.size < minimum) return { ok: false, code: 'masking_few', found: uploaded.size, needed: minimum }
  const masks: LeftMask[] = []
  for (const [client, near] of neighbours) {
    const isUploaded = uploaded.has(client)
    const pairs = near.filter((id) => uploaded.has(id))
    if (!isUploaded && pairs.length === 0) continue
    const shares = sharesOf(answers, isUploaded ? 'seeds' : 'keys', client)
    if (shares.length < threshold)
      return { ok: false, code: 'masking_shares', client, found: shares.length, needed: threshold }
    const secret = combineShares(shares.slice(0, threshold))
    if (isUploaded) masks.push({ kind: 'own', client, seed: secret })
    else masks.push(...pairs.map((id): LeftMask => ({ kind: 'pair', vanished: client, key: secret, client: id })))
  }
  return { ok: true, masks }
}

/** Of different places: a client that answers twice does not count twice. */
function sharesOf(answers: readonly Revealed[], part: keyof Revealed, client: string): Uint8Array[] {
  const byPlace = new Map<number, Uint8Array>()
  for (const answer of answers) {
    const share = answer[part].get(client)
    if (share) byPlace.set(share[0] ?? 0, share)
  }
  return [...byPlace.values()]
}

export type Unmasking = {
  expand: Expander
  /** The seed that a vanished client had agreed with another one, from its rebuilt key. */
  agree(key: Uint8Array, vanished: string, client: string): Uint8Array
}

/** Takes the masks out of the sum of the uploads, in place. */
export function unmaskSum(sum: Uint32Array, masks: readonly LeftMask[], { expand, agree }: Unmasking): void {
  for (const mask of masks) {
    if (mask.kind === 'own') {
      expand(mask.seed, sum.length, (words) => subtractWords(sum, words))
      continue
    }
    const change = addsMask(mask.client, mask.vanished) ? subtractWords : addWords
    expand(agree(mask.key, mask.vanished, mask.client), sum.length, (words) => change(sum, words))
  }
}
