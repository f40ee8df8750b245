import { allRows } from '@skerry/client/page'
import { command } from '../../program/command.ts'
import { surveysTable } from './survey-view.ts'

export const listSurveys = command({
  name: 'survey ls',
  summary: 'List surveys, the newest first',
  examples: ['skerry survey ls', 'skerry survey ls --json'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.survey.list(page, { signal: session.signal }))
    session.print({ json: rows, text: () => surveysTable(rows, session.style) })
  },
})
