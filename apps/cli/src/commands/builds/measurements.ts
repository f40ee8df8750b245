import { command, required } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { measurementsTable } from './measurement-view.ts'

export const listMeasurements = command({
  name: 'build measurements',
  summary: 'List how fast a version and its builds are on devices, by their newest measurements',
  details: 'SPEED is the number of times as fast as the version on that device, with its 95 % confidence interval.',
  examples: ['skerry build measurements reader', 'skerry build measurements reader:1 --json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { name, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const { rows } = await client.build.measurements({ name, version }, { signal: session.signal })
    session.print({ json: rows, text: () => measurementsTable(rows, session.style) })
  },
})
