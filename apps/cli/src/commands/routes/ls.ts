import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { routesTable } from './route-view.ts'

export const listRoutes = command({
  name: 'route ls',
  summary: 'List routes, with the traffic of the last minute',
  examples: ['skerry route ls', 'skerry route ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.route.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => routesTable(rows, session.style) })
  },
})
