import { command } from '../../program/command.ts'
import { pairsTable } from './pair-view.ts'

export const listPairs = command({
  name: 'pair ls',
  summary: 'List pairs with their active devices',
  examples: ['skerry pair ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { rows } = await client.pair.list({}, { signal: session.signal })
    session.print({ json: rows, text: () => pairsTable(rows, session.style) })
  },
})
