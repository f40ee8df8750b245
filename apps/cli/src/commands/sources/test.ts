/** `skerry source test` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { SOURCE_TEST_WAIT_MAX_MS } from '@skerry/contract/devices/device-command'
import { TagName } from '@skerry/contract/sources/tag'
import { command, fits, list, needed, required, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { valueRow } from '../tags/tag-view.ts'
import { writtenSource } from './source-reference.ts'

const HEADS = ['TAG', 'VALUE', 'UNIT', 'QUALITY', 'WHY']

export const testSource = command({
  name: 'source test',
  summary: 'Have a device connect to equipment as a file says, and read it once, before the source is set',
  details:
    'The device connects beside the sources that it runs, reads the tags, tells them and forgets the source; it writes nothing. Secrets are those ' +
    'that the device has. Equipment that takes one connection only may refuse this one, or drop the other. In production it needs two people, ' +
    'as setting the source does.',
  examples: [
    'skerry source test press-7.yaml --device gateway-1',
    'skerry source test press-7.yaml --device gateway-1 --tag temperature --timeout 30s',
  ],
  arguments: { file: required('<file>', 'YAML of one source', String) },
  options: {
    device: needed('--device <device>', 'name or id of the device that is to try it', fits(DeviceReference)),
    tags: list('--tag <name>', 'only this tag; may be repeated', fits(TagName)),
    seconds: usually('--timeout <time>', '10s', 'how long to wait for the first values; a minute at most', parseWait),
  },
  async run({ file, device, tags, seconds }, session) {
    const spec = await writtenSource(file)
    const { client } = await session.hub()
    const wish = { device, source: spec.name, spec, waitMs: seconds * 1_000, ...(tags.length > 0 && { tags }) }
    const found = await client.source.test(wish, { signal: session.signal })
    const { readings, state, cause, silentCount, omittedCount } = found
    const units = new Map(readings.flatMap(({ unit, value: { tag } }) => (unit === undefined ? [] : [[tag, unit]])))
    const rows = readings.map(({ value }) => valueRow(value, units))
    session.print({ json: found, text: () => tableOf(session.style, HEADS, rows, 'nothing was read') })
    if (omittedCount > 0) session.note(`${countText(omittedCount, 'more tag')} not tried; name them with --tag`)
    if (state !== 'up') throw fail('source_failed', cause?.message ?? `no connection within ${seconds} s`)
    if (silentCount > 0)
      throw fail('source_silent', `${countText(silentCount, 'tag')} gave nothing within ${seconds} s`)
    if (readings.every(({ value }) => value.quality === 'bad')) throw fail('source_failed', 'no tag could be read')
  },
})

function parseWait(text: string): number {
  const seconds = parseDuration(text)
  if (seconds * 1_000 > SOURCE_TEST_WAIT_MAX_MS) throw new Error('must be a minute at most')
  return seconds
}
