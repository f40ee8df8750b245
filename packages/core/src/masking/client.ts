/**
 * The client's side of a masked round: [Bonawitz et al., 2017] an update is hidden by a mask of its own and by one with
 * each neighbour. Masks of pairs cancel in the sum. The client decides alone which shares it reveals.
 */
import { addWords, type Expander, subtractWords } from './words.ts'

export type Masking = {
  id: string
  /** The seed of the client's own mask. */
  seed: Uint8Array
  /** The seeds agreed with each neighbour, by its id. */
  pairs: ReadonlyMap<string, Uint8Array>
  expand: Expander
}

/** One of a pair adds its mask and the other one subtracts it. */
export const addsMask = (id: string, neighbour: string): boolean => id < neighbour

export function maskUpdate(words: Uint32Array, { id, seed, pairs, expand }: Masking): Uint32Array {
  const masked = Uint32Array.from(words)
  expand(seed, words.length, (mask) => addWords(masked, mask))
  for (const [neighbour, pair] of pairs) {
    const change = addsMask(id, neighbour) ? addWords : subtractWords
    expand(pair, words.length, (mask) => change(masked, mask))
  }
  return masked
}

/** The shares that a client holds of another one: of its own mask's seed, and of its key for masks of pairs. */
export type HeldShares = { seed: Uint8Array; key: Uint8Array }

/** The server's question at the end of a round: who uploaded, and who vanished before. */
export type RevealQuestion = { uploaded: readonly string[]; vanished: readonly string[] }

export type RevealFacts = {
  question: RevealQuestion
  /** By the id of the client that they belong to, itself included. */
  held: ReadonlyMap<string, HeldShares>
  /** All clients of the round, as their signed keys name them. */
  clients: ReadonlySet<string>
  /** The fewest uploads that a client hides among. */
  minimum: number
  /** The question that the client has answered in this round. */
  answered: RevealQuestion | undefined
}

export type Revealed = { seeds: Map<string, Uint8Array>; keys: Map<string, Uint8Array> }

export type RevealRefusal = 'masking_both' | 'masking_unknown' | 'masking_few' | 'masking_answered'

/**
 * The seed shares of clients that uploaded, and the key shares of those that vanished, never both of one client: both
 * together reveal its update. Two different questions in one round could ask for both, so only one is answered. The
 * same question is answered again, because an answer can get lost.
 */
export function revealShares(
  facts: RevealFacts,
): { ok: true; revealed: Revealed } | { ok: false; code: RevealRefusal } {
  const code = refusalOf(facts)
  if (code) return { ok: false, code }
  const { question, held } = facts
  const pick = (ids: readonly string[], part: keyof HeldShares) =>
    new Map(
      ids.flatMap((id) => {
        const shares = held.get(id)
        return shares ? [[id, shares[part]] as const] : []
      }),
    )
  return { ok: true, revealed: { seeds: pick(question.uploaded, 'seed'), keys: pick(question.vanished, 'key') } }
}

function refusalOf({ question, clients, minimum, answered }: RevealFacts): RevealRefusal | undefined {
  const uploaded = new Set(question.uploaded)
  if (question.vanished.some((id) => uploaded.has(id))) return 'masking_both'
  if ([...question.uploaded, ...question.vanished].some((id) => !clients.has(id))) return 'masking_unknown'
  if (uploaded.size < minimum) return 'masking_few'
  return answered && !isSameQuestion(answered, question) ? 'masking_answered' : undefined
}

const isSameQuestion = (a: RevealQuestion, b: RevealQuestion) =>
  isSameSet(a.uploaded, b.uploaded) && isSameSet(a.vanished, b.vanished)

const isSameSet = (a: readonly string[], b: readonly string[]) => {
  const [left, right] = [new Set(a), new Set(b)]
  return left.size === right.size && [...left].every((id) => right.has(id))
}
