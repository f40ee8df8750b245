import { command } from '../../program/command.ts'
import { gitSourcesTable } from './git-source-view.ts'

export const listGitSources = command({
  name: 'git-source ls',
  summary: 'List the Git repositories that the hub follows, with commit, state and drift',
  examples: ['skerry git-source ls', 'skerry git-source ls -o wide'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const { rows } = await client.gitSource.list({}, { signal: session.signal })
    session.print({ json: rows, text: () => gitSourcesTable(rows, session.style) })
  },
})
