import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { monitorsTable } from './monitor-view.ts'

export const listMonitors = command({
  name: 'monitor ls',
  summary: 'List monitors, with the state of each version',
  examples: ['skerry monitor ls', 'skerry monitor ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.monitor.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => monitorsTable(rows, session.style) })
  },
})
