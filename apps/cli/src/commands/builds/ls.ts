import { command, required } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { buildsTable } from './build-view.ts'

export const listBuilds = command({
  name: 'build ls',
  summary: 'List the builds of a version, smallest first',
  examples: ['skerry build ls reader', 'skerry build ls reader:1 --json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { name, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const { rows } = await client.build.list({ name, version }, { signal: session.signal })
    session.print({ json: rows, text: () => buildsTable(rows, session.style) })
  },
})
