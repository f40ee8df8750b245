/** Unknown fields: the fields of a document that no tag uses. So the sender notices a wrong name. */
import type { WebhookTag } from '@skerry/contract/sources/protocols/source-webhook'
import { stepsOf } from '@skerry/core/equipment/json-value'

/** A few names are enough to see the mistake. The count gives the total. */
const NAMED_MAX = 10
const NAME_CHARACTERS_MAX = 100

/** A deeper field counts as one: the work for a document grows only with its bytes. */
const DEPTH_MAX = 32

export type Unknown = { count: number; first: string[] }

/** The paths of tags, step by step. `isKnown`: this field, and all fields in it. */
type Known = { isKnown: boolean; next: Map<string, Known> }
type Place = { at: unknown; known: Known | undefined; step: string; depth: number; parent: Place | undefined }

/** Searches many documents for unknown fields. */
export function unknownFinder(tags: readonly WebhookTag[]): (document: unknown) => Unknown {
  const root: Known = { isKnown: false, next: new Map() }
  for (const { path, time } of tags) {
    learn(root, path ?? '')
    if (time) learn(root, time.path)
  }
  return (document) => {
    const unknown: Unknown = { count: 0, first: [] }
    const waiting: Place[] = [{ at: document, known: root, step: '', depth: 0, parent: undefined }]
    for (let place = waiting.pop(); place; place = waiting.pop()) {
      if (place.known?.isKnown) continue
      if (!pushParts(waiting, place)) note(unknown, place)
    }
    return unknown
  }
}

function learn(root: Known, path: string): void {
  let at = root
  for (const step of stepsOf(path)) {
    const next = at.next.get(String(step)) ?? { isKnown: false, next: new Map() }
    at.next.set(String(step), next)
    at = next
  }
  at.isKnown = true
}

/**
 * From the last to the first, so that the first is checked next. Returns whether there may be parts: a plain value has
 * none.
 */
function pushParts(waiting: Place[], place: Place): boolean {
  const { at, known, depth } = place
  if (typeof at !== 'object' || at === null || depth >= DEPTH_MAX) return false
  for (const [step, part] of Object.entries(at).reverse()) {
    waiting.push({ at: part, known: known?.next.get(step), step, depth: depth + 1, parent: place })
  }
  return true
}

function note(unknown: Unknown, place: Place): void {
  unknown.count += 1
  if (unknown.first.length < NAMED_MAX) unknown.first.push(nameOf(place).slice(0, NAME_CHARACTERS_MAX))
}

function nameOf({ step, parent }: Place): string {
  if (!parent) return ''
  const before = nameOf(parent)
  if (Array.isArray(parent.at)) return `${before}[${step}]`
  return before === '' ? step : `${before}.${step}`
}
