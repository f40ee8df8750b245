import { command } from '../../program/command.ts'
import { cataloguesTable } from './market-view.ts'

export const listCatalogues = command({
  name: 'market catalogue ls',
  summary: 'List the subscribed catalogues, and why an index is not in use',
  examples: ['skerry market catalogue ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const found = await client.catalogue.list({}, { signal: session.signal })
    const problems = found.rows.flatMap(({ name, problem }) => (problem ? [`${name}: ${problem.message}`] : []))
    const others = found.folders.filter((folder) => !found.rows.some(({ name }) => name === folder))
    const rest = others.length === 0 ? [] : [`not subscribed: ${others.join(', ')}`]
    session.print({
      json: found,
      text: () => [cataloguesTable(found.rows, session.style, session.io.nowMs()), ...problems, ...rest].join('\n\n'),
    })
  },
})
