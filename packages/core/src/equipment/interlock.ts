/**
 * Interlock: the condition that must be true at the moment of a write. It fails safe: whatever is bad, doubtful, too old or missing, and whatever goes wrong
 * while it is judged, means that nothing is written.
 */
import type { TagContent, TagInterlock, TagValue } from '@skerry/contract/sources/tag'
import { compileExpression } from '../language/expression.ts'

/** More of them are a program, which belongs into the PLC. */
const TAGS_MAX = 20

/** Different conditions of one source: each is compiled at every door, at about a millisecond. */
const CONDITIONS_MAX = 500

/** What a message says of a condition, and of a text that a tag has. */
const WHEN_SHOWN = 300
const TEXT_SHOWN = 40
const MESSAGE_MAX = 1_000

export type InterlockVerdict = { ok: true } | { ok: false; code: 'tag_interlocked'; message: string }

export type Interlock = {
  ok: true
  /** What it is judged by. */
  tags: readonly string[]
  judge(sight: InterlockSight): InterlockVerdict
}

export type InterlockSight = {
  /** The newest of each tag, by its name. */
  values: ReadonlyMap<string, TagValue>
  nowMs: number
  /** The equipment's own times say when a value changed, and nothing of how old it is. */
  hasTimesOfChange?: boolean
}

/** Compiles it once for any number of writes. */
export function compileInterlock(interlock: TagInterlock): Interlock | { ok: false; problem: string } {
  const compiled = compileExpression(interlock.when, {
    noun: 'condition',
    sample: { tags: {} },
    numbers: 'real',
    kinds: [1.5, true, 'text'],
  })
  if (!compiled.ok) return compiled
  const tags = compiled.reads.map((path) => path.slice(path.indexOf('.') + 1))
  if (tags.length === 0) return { ok: false, problem: 'it names no tag; write tags["NAME"]' }
  if (tags.length > TAGS_MAX) return { ok: false, problem: `it names ${tags.length} tags, more than ${TAGS_MAX}` }
  return {
    ok: true,
    tags,
    judge(sight) {
      const seen = tags.map((tag) => seenOf(tag, sight, interlock))
      const unsound = seen.find((one) => 'problem' in one)
      if (unsound && 'problem' in unsound) return refused(interlock, `cannot be evaluated: ${unsound.problem}`)
      const values = Object.fromEntries(seen.flatMap((one) => ('value' in one ? [[one.tag, one.value] as const] : [])))
      const { matches, problem } = compiled.judge({ tags: values })
      const shown = Object.entries(values).map(([tag, value]) => `${tag} is ${shownValue(value)}`)
      if (problem !== undefined) return refused(interlock, `failed with ${shown.join(', ')}: ${problem}`)
      return matches ? { ok: true } : refused(interlock, `is false: ${shown.join(', ')}`)
    },
  }
}

type Seen = { tag: string; value: Scalar } | { tag: string; problem: string }
type Scalar = Exclude<TagContent, unknown[]>

function seenOf(
  tag: string,
  { values, nowMs, hasTimesOfChange }: InterlockSight,
  { ageMaxSeconds }: TagInterlock,
): Seen {
  const found = values.get(tag)
  if (!found) return { tag, problem: `${tag} has no value` }
  if (found.quality !== 'good') return { tag, problem: `${tag} is ${found.quality} (${found.cause.message})` }
  const { value, receivedTimeMs, sourceTimeMs = receivedTimeMs } = found
  const atMs = hasTimesOfChange ? receivedTimeMs : Math.min(receivedTimeMs, sourceTimeMs)
  const ageSeconds = (nowMs - atMs) / 1_000
  // A time that is not there yet is of a clock that was set: nobody knows how old the value is.
  if (!(Math.abs(ageSeconds) <= ageMaxSeconds))
    return { tag, problem: `${tag} is ${Math.round(ageSeconds)} s old, and may be ${ageMaxSeconds} s` }
  if (Array.isArray(value)) return { tag, problem: `${tag} is a list` }
  if (typeof value === 'number' && !Number.isFinite(value)) return { tag, problem: `${tag} is not a number` }
  return { tag, value }
}

function refused({ when }: TagInterlock, why: string): InterlockVerdict {
  const message = `its interlock ${cut(when, WHEN_SHOWN)} ${why}; nothing was written: bring the equipment into a permitted state, then write again`
  return { ok: false, code: 'tag_interlocked', message: cut(message, MESSAGE_MAX) }
}

const shownValue = (value: Scalar) => (typeof value === 'string' ? cut(JSON.stringify(value), TEXT_SHOWN) : value)

const cut = (text: string, charactersMax: number) =>
  text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text

type Interlocked = {
  groups: readonly { tags: readonly { name: string; write?: { interlock?: TagInterlock | undefined } | undefined }[] }[]
}

export type InterlockProblem = { path: PropertyKey[]; tag: string; message: string }

/** What is wrong with the interlocks of a source, each where it stands. */
export function interlockProblems({ groups }: Interlocked): InterlockProblem[] {
  const known = new Set(groups.flatMap(({ tags }) => tags.map(({ name }) => name)))
  const judged = new Map<string, string | undefined>()
  return groups.flatMap(({ tags }, group) =>
    tags.flatMap(({ name, write }, place): InterlockProblem[] => {
      if (!write?.interlock) return []
      const { interlock } = write
      if (!judged.has(interlock.when)) judged.set(interlock.when, problemOf(interlock, known, judged.size))
      const message = judged.get(interlock.when)
      const path = ['groups', group, 'tags', place, 'write', 'interlock', 'when']
      return message === undefined ? [] : [{ path, tag: name, message }]
    }),
  )
}

function problemOf(interlock: TagInterlock, known: ReadonlySet<string>, before: number): string | undefined {
  if (before >= CONDITIONS_MAX) return `a source has at most ${CONDITIONS_MAX} different conditions`
  const compiled = compileInterlock(interlock)
  if (!compiled.ok) return compiled.problem
  const unknown = compiled.tags.find((tag) => !known.has(tag))
  return unknown === undefined
    ? undefined
    : `the source has no tag ${unknown}; a condition names tags of its own source`
}
