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
    seconds: usually('--timeout <time>', '10s', 'how long to wait for the first values; at most a minute', parseWait),
  },
  async run({ file, device, tags, seconds }, session) {
    const spec = await writtenSource(file)
    const { client } = await session.hub()
    const wish = { device, source: spec.name, spec, waitMs: seconds * 1_000, ...(tags.length > 0 && { tags }) }
    const found = await client.source.test(wish, { signal: session.signal })
    const { readings, state, cause, silentCount, omittedCount } = found
    const units = new Map(readings.flatMap(({ unit, value: { tag } }) => (unit === undefined ? [] : [[tag, unit]])))
    const rows = readings.map(({ value }) => valueRow(value, units))
    session.print({ json: found, text: () => tableOf(session.style, HEADS, rows, 'no values were read') })
    if (omittedCount > 0) session.note(`${countText(omittedCount, 'more tag')} not tried; name them with --tag`)
    if (state !== 'up') throw fail('source_failed', cause?.message ?? `no connection within ${seconds} s`)
    if (silentCount > 0)
      throw fail('source_silent', `${countText(silentCount, 'tag')} had no value within ${seconds} s`)
    if (readings.every(({ value }) => value.quality === 'bad')) throw fail('source_failed', 'no tag could be read')
  },
})

function parseWait(text: string): number {
  const seconds = parseDuration(text)
  if (seconds * 1_000 > SOURCE_TEST_WAIT_MAX_MS) throw new Error('must be at most a minute')
  return seconds
}
