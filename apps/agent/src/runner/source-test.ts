/** Source test: runs a source that is not set yet for a moment, and gives what its tags said. */
import { valuesOf } from '@skerry/connectors/reading'
import { startSource } from '@skerry/connectors/source-host'
import { secretsNamedIn } from '@skerry/contract/secret-reference'
import { Source } from '@skerry/contract/source'
import type { TagValue } from '@skerry/contract/tag'
import { systemClock } from '@skerry/platform/clock'
import type { RunnerAnswer } from './runner-message.ts'

export type SourceTest = {
  spec: string
  secrets: Readonly<Record<string, string>>
  stateFolder: string
  waitMs: number
}

/** Ends when each tag has said something, or the time is over. */
export async function testSource(test: SourceTest, signal: AbortSignal): Promise<RunnerAnswer> {
  const { data: source, error } = Source.safeParse(JSON.parse(test.spec))
  if (!source) {
    const [issue] = error.issues
    const message = `this agent cannot run it: ${issue?.path.join('.')}: ${issue?.message}`
    return { ok: false, code: 'source_refused', message }
  }
  const missing = secretsNamedIn(source.connection).find((name) => test.secrets[name] === undefined)
  if (missing !== undefined)
    return { ok: false, code: 'source_refused', message: `the device has no secret ${missing}` }
  const heard = new Map<string, TagValue>()
  const wanted = source.groups.reduce((sum, { tags }) => sum + tags.length, 0)
  const done = Promise.withResolvers<void>()
  let trouble: string | undefined
  const { secrets, stateFolder } = test
  await using _host = startSource(source, {
    ...{ clock: systemClock, random: Math.random, secrets, stateFolder },
    onReading(reading) {
      const group = source.groups.find(({ name }) => name === reading.group)
      for (const value of group ? valuesOf(reading, group) : []) heard.set(value.tag, value)
      if (heard.size === wanted) done.resolve()
    },
    onState(state) {
      trouble = state.kind === 'crashed' ? state.cause.message : undefined
      if (trouble !== undefined) done.resolve()
    },
  })
  const limited = AbortSignal.any([signal, AbortSignal.timeout(test.waitMs)])
  limited.addEventListener('abort', () => done.resolve(), { once: true })
  await done.promise
  if (trouble !== undefined) return { ok: false, code: 'source_refused', message: trouble }
  return { ok: true, said: [...heard.values()] }
}
