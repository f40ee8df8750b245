import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { layersTable } from './settings-view.ts'

export const listSettings = command({
  name: 'settings ls',
  summary: 'List the places that have device settings of their own',
  examples: ['skerry settings ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const layers = await allRows((page) => client.settings.list(page, { signal: session.signal }))
    session.print({ json: layers, text: () => layersTable(layers, session.style) })
  },
})
