import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { learningsTable } from './learning-view.ts'

export const listLearnings = command({
  name: 'learn ls',
  summary: 'List learnings, the newest first',
  examples: ['skerry learn ls', 'skerry learn ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.learning.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => learningsTable(rows, session.style) })
  },
})
