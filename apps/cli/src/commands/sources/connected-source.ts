/** Connected source: a source that runs here, once its equipment is reached. */
import { type GroupReading, valuesOf } from '@skerry/connectors/reading'
import { type SourceHost, startSource } from '@skerry/connectors/sources/source-host'
import type { SourceTask } from '@skerry/connectors/sources/source-state'
import type { Source } from '@skerry/contract/sources/source'
import { systemClock } from '@skerry/platform/process/clock'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'

/** What speaks by itself says what it has within seconds, or only when it changes. */
const HEARD_MS = 10_000

/** `awaited` are tags that are to have said something; where they do not, it goes on without. Fails with `source_failed` where the equipment cannot be reached now. */
export async function connectSource(
  { source, awaited = [], ...surroundings }: SourceTask & { awaited?: readonly string[] },
  session: Session,
): Promise<SourceHost> {
  const heard = hearing(source, awaited)
  const up = Promise.withResolvers<void>()
  const host = startSource(source, {
    clock: systemClock,
    random: session.io.random,
    ...surroundings,
    onReading: heard.take,
    onState(state) {
      if (state.kind === 'up') up.resolve()
      else if (state.kind !== 'connecting') up.reject(fail('source_failed', state.cause.message))
    },
  })
  session.signal.addEventListener('abort', () => up.reject(session.signal.reason), { once: true })
  try {
    await up.promise
    await heard.all(session.signal)
    return host
  } catch (error) {
    await host[Symbol.asyncDispose]()
    throw error
  }
}

/** Waits until each of the tags has a value. */
function hearing({ groups }: Source, awaited: readonly string[]) {
  const missing = new Set(awaited)
  const heard = new AbortController()
  return {
    take(reading: GroupReading) {
      const group = missing.size > 0 ? groups.find(({ name }) => name === reading.group) : undefined
      for (const { tag, quality } of group ? valuesOf(reading, group) : []) if (quality !== 'bad') missing.delete(tag)
      if (missing.size === 0) heard.abort()
    },
    async all(signal: AbortSignal) {
      if (missing.size === 0) return
      await systemClock.sleep(HEARD_MS, AbortSignal.any([signal, heard.signal])).catch(() => signal.throwIfAborted())
    },
  }
}
