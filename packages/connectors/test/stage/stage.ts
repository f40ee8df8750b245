/** Stage: a source that runs in its own thread, and what it has told so far. */
import type { Source } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { valuesOf } from '../../src/reading.ts'
import type { SessionDeps } from '../../src/session.ts'
import { type SourceHost, startSource } from '../../src/sources/source-host.ts'
import type { SourceState } from '../../src/sources/source-state.ts'

export type Stage = AsyncDisposable & {
  host: SourceHost
  states: SourceState[]
  /** All of it, in its order. */
  told: readonly TagValue[]
  newest(tag: string): TagValue | undefined
  count(tag: string): number
  /** Looks again and again; in vain, it tells the states and the newest values. */
  until(isSo: () => boolean): Promise<unknown>
}

type Surroundings = Pick<SessionDeps, 'secrets' | 'stateFolder'>

/** A folder that cannot be made: a source that keeps something says where. */
export const NO_SURROUNDINGS: Surroundings = { secrets: {}, stateFolder: '/dev/null/none' }

export function openStage(source: Source, surroundings: Partial<Surroundings> = {}): Stage {
  const told: TagValue[] = []
  const states: SourceState[] = []
  const host = startSource(source, {
    clock: systemClock,
    random: Math.random,
    ...NO_SURROUNDINGS,
    ...surroundings,
    onReading(reading) {
      const group = source.groups.find(({ name }) => name === reading.group)
      if (group) told.push(...valuesOf(reading, group))
    },
    onState: (state) => void states.push(state),
  })
  return {
    host,
    states,
    told,
    newest: (tag) => told.findLast((value) => value.tag === tag),
    count: (tag) => told.filter((value) => value.tag === tag).length,
    until: (isSo) => until(isSo, { seen: () => ({ states: states.slice(-5), told: told.slice(-20) }) }),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}
