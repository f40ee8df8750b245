/** Simulator session: equipment that is not there. Its values follow the clock and a seed, and what is written stays; it fails as it is told to. */

import { type Reading, readingOf } from '@skerry/connectors/reading'
import { type OpenSession, type Session, SourceTrouble } from '@skerry/connectors/session'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { SimulatorTag, Waveform, Window } from '@skerry/contract/sources/protocols/source-simulator'
import type { SimulatorSource } from '@skerry/contract/sources/source'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { saidOf } from '@skerry/core/equipment/json-places'
import { assertNever } from '@skerry/core/values/assert-never'
import type { Clock } from '@skerry/platform/process/clock'
import { openReplay, type Replay } from './recording.ts'

type Simulated = {
  written: Map<string, TagContent>
  walks: Map<string, number>
  stuck: Map<string, TagValue>
  random: () => number
  replay: Replay | undefined
  /** Since it was connected to. */
  elapsedMs: () => number
}

/** There is nothing to connect to, but when it is told to be away. */
export const openSimulator: OpenSession<SimulatorSource> = async (source, { clock }, signal): Promise<Session> => {
  signal.throwIfAborted()
  const { seed, recording, delayMs } = source.connection
  answerOrFail(source, clock, 'source_unreachable')
  const replay = recording && (await openReplay(recording))
  const startMs = clock.monotonicMs()
  const it: Simulated = {
    written: new Map(),
    walks: new Map(),
    stuck: new Map(),
    random: seeded(seed),
    replay,
    elapsedMs: () => clock.monotonicMs() - startMs,
  }
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  return {
    async read(group, waiting): Promise<Reading> {
      if (delayMs > 0) await clock.sleep(delayMs, waiting)
      answerOrFail(source, clock, 'source_lost')
      const nowMs = clock.nowMs()
      const values = group.tags.flatMap(({ name }) => {
        const tag = tags.get(name)
        return tag ? [readTag(it, tag, nowMs)] : []
      })
      return readingOf(values)
    },
    async write(name, value) {
      answerOrFail(source, clock, 'source_lost')
      if (!tags.has(name)) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      it.written.set(name, value)
      return { ok: true }
    },
    ...(replay && { browse: async () => [...replay.columns].map(entryOf) }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const entryOf = ([column, said]: [string, TagContent | undefined]): BrowseEntry => ({
  path: column,
  label: said === undefined ? column : saidOf(column, said),
  isFolder: false,
  tag: { signal: { kind: 'replay', column } },
})

function answerOrFail(
  { connection }: SimulatorSource,
  { nowMs }: Clock,
  code: 'source_lost' | 'source_unreachable',
): void {
  const isAway = connection.disconnects.some((when) => isWithin(when, nowMs()))
  if (isAway) throw new SourceTrouble(code, 'it is away, as configured')
}

function isWithin({ everySeconds, atSeconds, forSeconds }: Window, nowMs: number): boolean {
  const at = (nowMs / 1_000) % everySeconds
  return at >= atSeconds && at < atSeconds + forSeconds
}

function readTag(it: Simulated, tag: SimulatorTag, nowMs: number): TagValue {
  const isFaulty = it.random() < tag.faultShare
  const isDropped = tag.faults.some((fault) => fault.kind === 'dropout' && isWithin(fault.when, nowMs))
  if (isFaulty || isDropped) return badValue(tag.name, FAULT, nowMs)
  const isStuck = tag.faults.some((fault) => fault.kind === 'stuck' && isWithin(fault.when, nowMs))
  const held = isStuck ? it.stuck.get(tag.name) : undefined
  // Equipment that is stuck does not know it: the value is as fresh as ever.
  if (held) return { ...held, receivedTimeMs: nowMs }
  const value = soundValue(it, tag, nowMs)
  it.stuck.set(tag.name, value)
  return value
}

const FAULT = { code: 'simulated_fault', message: 'a fault, as configured' }

function soundValue(it: Simulated, tag: SimulatorTag, nowMs: number): TagValue {
  const written = it.written.get(tag.name)
  // What was written is a value already; what is made up is what the equipment would give.
  if (written !== undefined) return { tag: tag.name, quality: 'good', value: written, receivedTimeMs: nowMs }
  const made = signalAt(it, tag, nowMs)
  if (made === undefined) return badValue(tag.name, NOT_RECORDED, nowMs)
  const value = typeof made === 'number' ? made + spikeOf(it, tag) : made
  return tagValue(tag, { value, isInexact: false }, nowMs)
}

const NOT_RECORDED = { code: 'value_missing', message: 'the recording has no value there' }

function spikeOf(it: Simulated, { faults }: SimulatorTag): number {
  return faults.reduce((sum, fault) => sum + (fault.kind === 'spike' && it.random() < fault.share ? fault.by : 0), 0)
}

function signalAt(it: Simulated, { name, signal }: SimulatorTag, nowMs: number): TagContent | undefined {
  switch (signal.kind) {
    case 'constant':
      return signal.value
    case 'sine':
      return signal.mean + signal.amplitude * Math.sin(2 * Math.PI * phaseOf(nowMs, signal.periodSeconds))
    case 'ramp':
      return signal.from + (signal.to - signal.from) * phaseOf(nowMs, signal.periodSeconds)
    case 'walk': {
      const next = walkOn(it.walks.get(name) ?? signal.start, signal, it.random())
      it.walks.set(name, next)
      return next
    }
    case 'replay':
      return it.replay?.valueAt(signal.column, it.elapsedMs())
    default:
      return assertNever(signal)
  }
}

const phaseOf = (nowMs: number, periodSeconds: number) => (nowMs / 1_000 / periodSeconds) % 1

const walkOn = (from: number, { step, min, max }: Extract<Waveform, { kind: 'walk' }>, random: number) =>
  Math.min(max, Math.max(min, from + step * (2 * random - 1)))

/** [Marsaglia, "Xorshift RNGs", 2003] Good enough to look like noise, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 2 ** 32
  }
}
