/**
 * Source loop: keeps one source connected, reads each of its groups at its own rate, and reports news. It decides
 * nothing about the equipment. While there is no connection every tag is bad, and the loop reports that once.
 */
import type { Group, Source } from '@skerry/contract/sources/source'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import { backoffMs } from '@skerry/core/values/backoff'
import type { LeaseGate } from '@skerry/platform/process/lease-gate'
import { createNewsFilter, type NewsFilter } from '../news.ts'
import { type GroupReading, type Reading, readingOf, sizeOf } from '../reading.ts'
import { type BrowseAnswer, type Session, type SessionDeps, SourceTrouble, type WriteOutcome } from '../session.ts'
import { badValue } from '../value.ts'
import { openSession } from './connectors.ts'
import { gatedSession } from './gated-session.ts'
import type { GroupFigures, SourceState } from './source-state.ts'
import { createWriteGuard, type Writable, type WriteGuard } from './write-guard.ts'

/**
 * Equipment is connected within two seconds of its return. While it is away, the attempts are few enough for any
 * switch.
 */
export const CONNECT_BACKOFF = { baseMs: 200, maxMs: 2_000 }

/** If equipment denies access, attempts are rare: some systems lock a user after too many wrong attempts. */
export const REFUSED_BACKOFF = { baseMs: 10_000, maxMs: 300_000 }

/** Milliseconds until the next attempt. After a denial, half of the wait is certain: chance must not repeat a wrong password at once. */
export const retryMs = ({ code }: { code: string }, failures: number, random: number) =>
  code === 'source_refused'
    ? backoffMs(failures, REFUSED_BACKOFF, (1 + random) / 2)
    : backoffMs(failures, CONNECT_BACKOFF, random)

export type LoopDeps = SessionDeps & {
  /** Checked directly before each write. A device outside of a pair needs none. */
  gate?: LeaseGate
  /** Returns whether the reading was taken. A reading that was not taken is lost. */
  onReading(reading: GroupReading): boolean
  onState(state: SourceState): void
}

export type SourceLoop = {
  /** Works until the signal aborts. Throws if the connector itself has a fault. */
  run(signal: AbortSignal): Promise<void>
  write(tag: string, value: TagContent, signal: AbortSignal): Promise<WriteOutcome>
  browse(path: string, signal: AbortSignal): Promise<BrowseAnswer>
  figures(): GroupFigures[]
  /**
   * Reports an exception that nobody could catch, out of a library's socket or timer. The loop gives up its connection.
   * Between two connections, the exception belongs to a closed one.
   */
  threw(cause: unknown): void
}

/** `isBad`: the loop has reported the tags as bad, and nothing since. */
type Telling = { group: Group; figures: GroupFigures; filter: NewsFilter; isBad: boolean }
type Looping = {
  source: Source
  deps: LoopDeps
  groups: Telling[]
  writable: WriteGuard
  /** Ends the connection that is open or is being opened. */
  giveUp: ((cause: unknown) => void) | undefined
}

/** The loop is not connected yet. */
export function createSourceLoop(source: Source, deps: LoopDeps): SourceLoop {
  const groups = source.groups.map((group): Telling => {
    return { group, figures: newFigures(group.name), filter: createNewsFilter(group), isBad: false }
  })
  const writable = createWriteGuard(source, deps.clock) ?? unguarded
  const it: Looping = { source, deps, groups, writable, giveUp: undefined }
  let open: Writable | undefined
  return {
    figures: () => groups.map(({ figures }) => figures),
    threw: (cause) => it.giveUp?.(cause),
    async write(tag, value, signal) {
      if (!open) return { ok: false, code: 'write_refused', message: 'there is no connection to the equipment now' }
      try {
        return await open.write({ tag, value }, signal)
      } catch (error) {
        if (!(error instanceof SourceTrouble)) throw error
        // Nobody knows whether the write arrived.
        return { ok: false, code: 'write_unverified', message: error.message }
      }
    },
    browse: (path, signal) => browse(open?.session, path, signal),
    async run(signal) {
      for (let failures = 0; ; failures += 1) {
        deps.onState({ kind: 'connecting' })
        const trouble = await connectOnce(it, signal, (opened) => {
          open = opened
          if (opened) failures = 0
        })
        tellBad(it, trouble)
        deps.onState({ kind: 'down', cause: trouble })
        await deps.clock.sleep(retryMs(trouble, failures, deps.random()), signal)
      }
    },
  }
}

const unguarded: WriteGuard = (session) => ({
  session,
  write: ({ tag, value }, signal) => session.write(tag, value, signal),
})

async function browse(session: Session | undefined, path: string, signal: AbortSignal): Promise<BrowseAnswer> {
  if (!session) return { ok: false, code: 'browse_failed', message: 'there is no connection to the equipment now' }
  if (!session.browse)
    return { ok: false, code: 'browse_unknown', message: 'equipment of this protocol cannot list its points' }
  try {
    return { ok: true, entries: await session.browse(path, signal) }
  } catch (error) {
    if (!(error instanceof SourceTrouble)) throw error
    return { ok: false, code: 'browse_failed', message: error.message }
  }
}

const newFigures = (group: string): GroupFigures => ({ group, rounds: 0, skipped: 0, told: 0, untold: 0, lastMs: 0 })

/** One connection from its beginning to its end. Resolves with the reason for its end. */
async function connectOnce(
  it: Looping,
  signal: AbortSignal,
  onOpen: (open: Writable | undefined) => void,
): Promise<TagCause> {
  const ending = new AbortController()
  const ended = AbortSignal.any([signal, ending.signal])
  const thrown = Promise.withResolvers<never>()
  thrown.promise.catch(() => undefined)
  it.giveUp = (cause) => thrown.reject(thrownTrouble(cause))
  try {
    await using opened = await openUnless(it, thrown.promise, signal)
    const giveUp = (reason: string) => it.giveUp?.(new Error(reason))
    const writable = it.writable(it.deps.gate ? gatedSession(opened, it.deps.gate, giveUp) : opened)
    onOpen(writable)
    it.deps.onState({ kind: 'up' })
    try {
      const following = it.groups.map((telling) => follow(it, writable.session, telling, ended))
      await Promise.all([thrown.promise, ...(opened.ended ? [opened.ended] : []), ...following])
    } finally {
      ending.abort()
      onOpen(undefined)
    }
    throw new Error('a group stopped being read')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SourceTrouble) return { code: error.code, message: error.message }
    throw error
  } finally {
    it.giveUp = undefined
  }
}

/** A session that opens after the exception is closed at once. */
async function openUnless(it: Looping, thrown: Promise<never>, signal: AbortSignal): Promise<Session> {
  const giving = new AbortController()
  const opening = openSession(it.source, it.deps, AbortSignal.any([signal, giving.signal]))
  try {
    return await Promise.race([opening, thrown])
  } catch (error) {
    giving.abort(error)
    opening.then(
      (session) => session[Symbol.asyncDispose](),
      () => undefined,
    )
    throw error
  }
}

const thrownTrouble = (cause: unknown) =>
  new SourceTrouble('source_lost', `the received data could not be read (${textOf(cause).slice(0, 200)})`, { cause })

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** The loop subscribes to equipment that sends values by itself. It reads all other equipment. */
async function follow(it: Looping, session: Session, telling: Telling, signal: AbortSignal): Promise<void> {
  if (!session.subscribe) return readOn(it, session, telling, signal)
  const { group, figures } = telling
  await session.subscribe(
    group,
    (reading, places) => {
      if (signal.aborted) return
      telling.isBad = false
      figures.rounds += 1
      tell(it, telling, reading, places)
    },
    signal,
    () => {
      figures.skipped += 1
    },
  )
}

/**
 * The first round begins at once, the others at multiples of the rate. So sources of a thread send requests at the same
 * moments, and the answers wake the thread once. If a round is still running when the next one is due, the next one is
 * left out, and counted.
 */
async function readOn(it: Looping, session: Session, telling: Telling, signal: AbortSignal): Promise<void> {
  const { clock } = it.deps
  const { group, figures } = telling
  const { everyMs } = group
  for (let dueMs = clock.monotonicMs(); ; ) {
    const startMs = clock.monotonicMs()
    tell(it, telling, await session.read(group, signal))
    telling.isBad = false
    const nowMs = clock.monotonicMs()
    figures.rounds += 1
    figures.lastMs = nowMs - startMs
    figures.skipped += Math.floor(Math.max(0, nowMs - dueMs) / everyMs)
    // A timer may also fire early: the round that was due has been read.
    dueMs = (Math.floor(Math.max(nowMs, dueMs) / everyMs) + 1) * everyMs
    await clock.sleep(dueMs - nowMs, signal)
  }
}

/** Returns whether the reading arrived. */
function tell({ deps }: Looping, { group, figures, filter }: Telling, reading: Reading, places?: Uint32Array): boolean {
  const told: GroupReading = { ...reading, group: group.name, news: filter.take(reading, places) }
  const count = sizeOf(told)
  figures.told += count
  figures.untold += (places?.length ?? group.tags.length) - count
  if (count === 0 || deps.onReading(told)) return true
  // The listener still has an older value. So the next value is news, even if it has not changed since.
  filter.forget(told.news)
  return false
}

function tellBad(it: Looping, cause: TagCause): void {
  const nowMs = it.deps.clock.nowMs()
  for (const telling of it.groups) {
    if (telling.isBad) continue
    // If this report is lost, it is repeated at the next attempt to connect.
    telling.isBad = tell(it, telling, readingOf(telling.group.tags.map(({ name }) => badValue(name, cause, nowMs))))
  }
}
