/** Unknown fields: what a document says that no tag stands on, so that whoever posts it sees a name that is wrong. */
import type { WebhookTag } from '@skerry/contract/sources/protocols/source-webhook'
import { stepsOf } from '@skerry/core/equipment/json-value'

/** Names of a few are enough to see what is wrong; the count says how many there are. */
const NAMED_MAX = 10
const NAME_CHARACTERS_MAX = 100

/** What lies deeper counts as one field: what is looked at in a document grows with its bytes alone. */
const DEPTH_MAX = 32

export type Unknown = { count: number; first: string[] }

/** What tags stand on, step by step; `isKnown`: this, and all that lies in it. */
type Known = { isKnown: boolean; next: Map<string, Known> }
type Place = { at: unknown; known: Known | undefined; step: string; depth: number; parent: Place | undefined }

/** Looks for them in documents, many times. */
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

/** From the last, so that the first is looked at next. Says whether there may be parts: a field has none. */
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
