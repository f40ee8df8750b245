import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { capturesTable } from './capture-view.ts'

export const listCaptures = command({
  name: 'capture ls',
  summary: 'List captures: the models of which devices keep rows',
  examples: ['skerry capture ls', 'skerry capture ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.capture.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => capturesTable(rows, session.style) })
  },
})
