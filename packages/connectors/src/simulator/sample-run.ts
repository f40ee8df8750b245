/**
 * Sample run: the readings of simulators in simulated time, as fast as they can be computed. The same simulators give
 * the same samples on each machine.
 */
import { type GroupReading, valuesOf } from '@skerry/connectors/reading'
import type { SessionDeps } from '@skerry/connectors/session'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Group, SimulatorSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import { openSimulator } from './session.ts'

export type SampleSpan = { fromMs: number; seconds: number }

type Turn = { source: SimulatorSource; group: Group; nextMs: number; read: () => Promise<TagValue[]> }

/** In the order of time. A group is read at its rate from the beginning of the span. */
export async function* runSimulators(
  sources: readonly SimulatorSource[],
  { fromMs, seconds }: SampleSpan,
  signal: AbortSignal,
): AsyncGenerator<FlowSample> {
  const time = { nowMs: fromMs }
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs, sleep: async () => undefined }
  const turns = (await Promise.all(sources.map((source) => turnsOf(source, { clock, fromMs }, signal)))).flat()
  const endMs = fromMs + seconds * 1_000
  let lastMs = Number.NaN
  for (let turn = nextOf(turns); turn && turn.nextMs < endMs; turn = nextOf(turns)) {
    signal.throwIfAborted()
    time.nowMs = turn.nextMs
    const isApart = time.nowMs === lastMs
    lastMs = time.nowMs
    turn.nextMs += turn.group.everyMs
    for (const [at, value] of (await turn.read()).entries()) {
      yield { ...value, source: turn.source.name, ...(isApart && at === 0 && { apart: true as const }) }
    }
  }
}

/** A simulator needs no secrets and no folder. */
const ALONE: Omit<SessionDeps, 'clock'> = { random: () => 0, secrets: {}, room: async () => undefined, stateFolder: '' }

const nextOf = (turns: readonly Turn[]) =>
  turns.reduce<Turn | undefined>((first, turn) => (first && first.nextMs <= turn.nextMs ? first : turn), undefined)

async function turnsOf(
  source: SimulatorSource,
  { clock, fromMs }: { clock: Clock; fromMs: number },
  signal: AbortSignal,
): Promise<Turn[]> {
  // An outage has no readings, and is no part of the sample. A delay changes no value.
  const connection = { ...source.connection, delayMs: 0, disconnects: [] }
  const session = await openSimulator({ ...source, connection }, { clock, ...ALONE }, signal)
  return source.groups.map((group) => ({
    source,
    group,
    nextMs: fromMs,
    read: async () => {
      const reading = await session.read(group, signal)
      return valuesOf({ ...reading, group: group.name, news: undefined } satisfies GroupReading, group)
    },
  }))
}
