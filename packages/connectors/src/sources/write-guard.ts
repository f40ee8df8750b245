/**
 * Write guard: of a source that has interlocks, lets one write through at a time, and only while the condition of its tag is true. The reading that is judged
 * and the write are one turn: no other reading of ours goes between. What nobody has guarded costs nothing: what judges conditions is loaded where there is one.
 */
import type { Group, Source, Tag } from '@skerry/contract/sources/source'
import type { TagContent, TagInterlock, TagValue } from '@skerry/contract/sources/tag'
import type { Interlock } from '@skerry/core/equipment/interlock'
import type { Clock } from '@skerry/platform/process/clock'
import { valueAt } from '../reading.ts'
import { type Session, type SessionAlone, SourceTrouble, type WriteOutcome } from '../session.ts'
import { createRounds, takeTurns } from '../turns.ts'
import { partOf } from './source-part.ts'

export type WriteOrder = { tag: string; value: TagContent }

/** Has what writes the session's tags, and the session as it is to be read from now on. */
export type WriteGuard = (session: Session) => Writable
export type Writable = {
  session: Session
  /** Throws `SourceTrouble` where it broke in the middle of a write. */
  write(order: WriteOrder, signal: AbortSignal): Promise<WriteOutcome>
}

/** Undefined where no tag has an interlock. */
export function createWriteGuard(source: Source, clock: Clock): WriteGuard | undefined {
  if (!hasInterlocks(source)) return undefined
  const core = import('@skerry/core/equipment/interlock')
  // Who writes is told.
  core.catch(() => undefined)
  const guards = new Map(
    tagsOf(source).flatMap(({ name, write }) => (write?.interlock ? [[name, write.interlock] as const] : [])),
  )
  const prepared = new Map<string, Prepared>()
  const prepare = async (tag: string, interlock: TagInterlock) => {
    const { compileInterlock } = await core
    const made = prepared.get(tag) ?? preparedOf(source, compileInterlock(interlock))
    prepared.set(tag, made)
    return made
  }
  // A write of another tag may be what the condition is about.
  const turn = takeTurns()
  return (opened) => {
    const { session, alone } = takingTurns(opened)
    return {
      session,
      write: (order, signal) =>
        turn(async () => {
          const interlock = guards.get(order.tag)
          if (!interlock) return session.write(order.tag, order.value, signal)
          const guard = await prepare(order.tag, interlock)
          return alone((own) => writeGuarded({ own, guard, session, clock }, order, signal))
        }),
    }
  }
}

/** A connection with one request at a time knows best how to be had alone; any other is so between the rounds of its groups. */
function takingTurns(session: Session): { session: Session; alone: NonNullable<Session['alone']> } {
  if (session.alone) return { session, alone: session.alone }
  const rounds = createRounds()
  return {
    session: { ...session, read: (group, signal) => rounds.beside(() => session.read(group, signal)) },
    alone: (work) => rounds.alone(() => work(session)),
  }
}

/** What is wrong with its interlocks. */
export async function interlockFlaws(source: Source): Promise<{ tag: string; message: string }[]> {
  if (!hasInterlocks(source)) return []
  const { interlockProblems } = await import('@skerry/core/equipment/interlock')
  return interlockProblems(source).map(({ tag, message }) => ({ tag, message: `write.interlock.when: ${message}` }))
}

/** What the condition of the tag names; nothing where it has none. */
export async function interlockTags(source: Source, tag: string): Promise<readonly string[]> {
  const interlock = tagsOf(source).find(({ name }) => name === tag)?.write?.interlock
  if (!interlock) return []
  const { compileInterlock } = await import('@skerry/core/equipment/interlock')
  const compiled = compileInterlock(interlock)
  return compiled.ok ? compiled.tags : []
}

const tagsOf = ({ groups }: { groups: readonly { tags: readonly Tag[] }[] }) => groups.flatMap(({ tags }) => tags)

const hasInterlocks = ({ groups }: { groups: readonly { tags: readonly Tag[] }[] }) =>
  groups.some(({ tags }) => tags.some(({ write }) => write?.interlock))

/** `groups` are what has to be read for it. */
type Prepared = { interlock: Interlock; groups: readonly Group[] }

function preparedOf(source: Source, compiled: Interlock | { ok: false; problem: string }): Prepared {
  // Every door has compiled it before.
  if (!compiled.ok) throw new Error(`a condition that cannot be compiled: ${compiled.problem}`)
  return { interlock: compiled, groups: partOf(source, compiled.tags).groups }
}

type Guarded = { own: SessionAlone; guard: Prepared; session: Session; clock: Clock }

async function writeGuarded(it: Guarded, { tag, value }: WriteOrder, signal: AbortSignal): Promise<WriteOutcome> {
  const { own, guard, session, clock } = it
  const values = await readNow(it, signal)
  if (values instanceof SourceTrouble) {
    const message = `its interlock cannot be evaluated: ${values.message}; nothing was written`
    return { ok: false, code: 'tag_interlocked', message }
  }
  const { hasTimesOfChange = false } = session
  const verdict = guard.interlock.judge({ values, nowMs: clock.nowMs(), hasTimesOfChange })
  return verdict.ok ? own.write(tag, value, signal) : verdict
}

/** What the tags of the condition say now; the trouble where that cannot be found out. */
async function readNow({ own, guard }: Guarded, signal: AbortSignal): Promise<Map<string, TagValue> | SourceTrouble> {
  const values = new Map<string, TagValue>()
  try {
    for (const group of guard.groups) {
      const reading = await own.read(group, signal)
      for (const [place, { name }] of group.tags.entries()) values.set(name, valueAt(reading, place, name))
    }
    return values
  } catch (error) {
    if (error instanceof SourceTrouble) return error
    throw error
  }
}
