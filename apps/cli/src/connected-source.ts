/** Connected source: a source that runs here, once its equipment is reached. */
import { type SourceHost, startSource } from '@skerry/connectors/source-host'
import type { SourceTask } from '@skerry/connectors/source-state'
import { systemClock } from '@skerry/platform/clock'
import { fail } from './failure.ts'
import type { Session } from './session.ts'

/** Fails with `source_failed` where the equipment cannot be reached now. */
export async function connectSource({ source, ...surroundings }: SourceTask, session: Session): Promise<SourceHost> {
  const up = Promise.withResolvers<void>()
  const host = startSource(source, {
    ...{ clock: systemClock, random: session.io.random, ...surroundings },
    onReading: () => undefined,
    onState(state) {
      if (state.kind === 'up') up.resolve()
      else if (state.kind !== 'connecting') up.reject(fail('source_failed', state.cause.message))
    },
  })
  session.signal.addEventListener('abort', () => up.reject(session.signal.reason), { once: true })
  try {
    await up.promise
    return host
  } catch (error) {
    await host[Symbol.asyncDispose]()
    throw error
  }
}
