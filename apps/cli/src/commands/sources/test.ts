import type { SkerryClient } from '@skerry/client/client'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SOURCE_TEST_WAIT_MAX_MS } from '@skerry/contract/devices/device-command'
import { TagName } from '@skerry/contract/sources/tag'
import { command, fits, list, needed, required, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { valueRow } from '../tags/tag-view.ts'
import { writtenSource } from './source-reference.ts'

/** Most equipment answers at once; some sends by itself. */
const WAIT_USUAL_S = 10

const HEADS = ['TAG', 'VALUE', 'UNIT', 'QUALITY', 'WHY']

export const testSource = command({
  name: 'source test',
  summary: 'Let a device read equipment once with the file of a source, before you set the source',
  details:
    'The device connects beside the sources that it runs, reads the tags, reports them and discards the source; it writes nothing. It uses the secrets ' +
    'that it has. Equipment that accepts only one connection may reject this one, or drop the other. In production this needs two people, ' +
    'like setting the source.',
  examples: [
    'skerry source test press-7.yaml --device gateway-1',
    'skerry source test press-7.yaml --device gateway-1 --tag temperature --timeout 30s',
  ],
  arguments: { file: required('<file>', 'YAML of one source', String) },
  options: {
    device: needed('--device <device>', 'name or id of the device that tests it', fits(DeviceReference)),
    tags: list('--tag <name>', 'only this tag; may be repeated', fits(TagName)),
    seconds: usually(
      '--timeout <time>',
      `${WAIT_USUAL_S}s`,
      'how long to wait for the first values; at most a minute',
      parseWait,
    ),
  },
  async run({ file, device, tags, seconds }, session) {
    const found = await testRead(await writtenSource(file), { device, tags, seconds }, session)
    const { readings, omittedCount } = found
    const units = new Map(readings.flatMap(({ unit, value: { tag } }) => (unit === undefined ? [] : [[tag, unit]])))
    const rows = readings.map(({ value }) => valueRow(value, units))
    session.print({ json: found, text: () => tableOf(session.style, HEADS, rows, 'no values were read') })
    if (omittedCount > 0) session.note(`${countText(omittedCount, 'more tag')} not tried; name them with --tag`)
    const problem = problemIn(found, seconds)
    if (problem) throw fail(problem.code, problem.message)
  },
})

/** Lets a device test a source before somebody adds it. Fails if the device cannot read a tag. */
export async function testSourceOn(device: string, spec: ConnectionSpec, session: Session): Promise<void> {
  const found = await testRead(spec, { device, tags: [], seconds: WAIT_USUAL_S }, session)
  const problem = problemIn(found, WAIT_USUAL_S)
  if (problem) throw fail(problem.code, `${device}: ${problem.message}; the source is not set`)
  session.note(`${device} read ${countText(found.readings.length, 'tag')}`)
}

type Wish = { device: string; tags: readonly string[]; seconds: number }
type Found = Awaited<ReturnType<SkerryClient['source']['test']>>

async function testRead(spec: ConnectionSpec, { device, tags, seconds }: Wish, session: Session): Promise<Found> {
  const { client } = await session.hub()
  const wish = { device, source: spec.name, spec, waitMs: seconds * 1_000, ...(tags.length > 0 && { tags: [...tags] }) }
  return client.source.test(wish, { signal: session.signal })
}

type Problem = { code: 'source_failed' | 'source_silent'; message: string }

/** The problem of a test in which the equipment did not answer as it should. */
function problemIn({ state, cause, silentCount, readings }: Found, seconds: number): Problem | undefined {
  if (state !== 'up') return { code: 'source_failed', message: cause?.message ?? `no connection within ${seconds} s` }
  if (silentCount > 0)
    return { code: 'source_silent', message: `${countText(silentCount, 'tag')} had no value within ${seconds} s` }
  if (readings.every(({ value }) => value.quality === 'bad'))
    return { code: 'source_failed', message: 'no tag could be read' }
  return undefined
}

function parseWait(text: string): number {
  const seconds = parseDuration(text)
  if (seconds * 1_000 > SOURCE_TEST_WAIT_MAX_MS) throw new Error('must be at most a minute')
  return seconds
}
