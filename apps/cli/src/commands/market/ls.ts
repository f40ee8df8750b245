import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { installationsTable } from './market-view.ts'

export const listInstallations = command({
  name: 'market ls',
  summary: 'List installations, with the upgrades that their catalogues offer',
  examples: ['skerry market ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.market.installations(page, { signal: session.signal }))
    session.print({ json: rows, text: () => installationsTable(rows, session.style) })
  },
})
