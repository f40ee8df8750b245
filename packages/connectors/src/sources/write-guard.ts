/**
 * Write guard: for a source with interlocks, it allows one write at a time, and only while the condition of its tag is
 * true. The reading for the condition and the write are one turn: Skerry reads nothing else between them. A source
 * without interlocks costs nothing, because the judge of conditions is loaded only if needed.
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

/** Returns a writer for the session's tags, and the session that must be read from now on. */
export type WriteGuard = (session: Session) => Writable
export type Writable = {
  session: Session
  /** Throws `SourceTrouble` if the connection broke during a write. */
  write(order: WriteOrder, signal: AbortSignal): Promise<WriteOutcome>
}

/** Undefined if no tag has an interlock. */
export function createWriteGuard(source: Source, clock: Clock): WriteGuard | undefined {
  if (!hasInterlocks(source)) return undefined
  const core = import('@skerry/core/equipment/interlock')
  // The caller of a write gets this error.
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
  // A write of another tag may change a value of the condition.
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

/**
 * A session with one request at a time provides `alone` itself. Any other session is alone between the rounds of its
 * groups.
 */
function takingTurns(session: Session): { session: Session; alone: NonNullable<Session['alone']> } {
  if (session.alone) return { session, alone: session.alone }
  const rounds = createRounds()
  return {
    session: { ...session, read: (group, signal) => rounds.beside(() => session.read(group, signal)) },
    alone: (work) => rounds.alone(() => work(session)),
  }
}

/** Lists the mistakes in the interlocks of a source. */
export async function interlockFlaws(source: Source): Promise<{ tag: string; message: string }[]> {
  if (!hasInterlocks(source)) return []
  const { interlockProblems } = await import('@skerry/core/equipment/interlock')
  return interlockProblems(source).map(({ tag, message }) => ({ tag, message: `write.interlock.when: ${message}` }))
}

/** The tags that the condition of a tag names. None if it has no condition. */
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

/** `groups`: the groups that the condition needs. */
type Prepared = { interlock: Interlock; groups: readonly Group[] }

function preparedOf(source: Source, compiled: Interlock | { ok: false; problem: string }): Prepared {
  // The condition was compiled when the source was accepted.
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

/** The current values of the tags of the condition, or the trouble if they cannot be read. */
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
