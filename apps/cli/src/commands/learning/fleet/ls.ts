import { allRows } from '@skerry/client/page'
import { command } from '../../../program/command.ts'
import { learningFleetsTable } from './fleet-view.ts'

export const listLearningFleets = command({
  name: 'learn fleet ls',
  summary: 'List the orders by which each of several machines learns, the newest first',
  examples: ['skerry learn fleet ls', 'skerry learn fleet ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.learning.listFleets(page, { signal: session.signal }))
    session.print({ json: rows, text: () => learningFleetsTable(rows, session.style) })
  },
})
