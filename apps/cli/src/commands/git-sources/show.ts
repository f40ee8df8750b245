import { command } from '../../program/command.ts'
import { GIT_SOURCE, gitSourceText } from './git-source-view.ts'

export const showGitSource = command({
  name: 'git-source show',
  summary: 'Show a Git source: its newest commit, its problem, and its differences from the hub',
  examples: ['skerry git-source show fleet', 'skerry git-source show fleet --json'],
  arguments: { name: GIT_SOURCE },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const source = await client.gitSource.get({ name }, { signal: session.signal })
    session.print({ json: source, text: () => gitSourceText(source, session.style) })
  },
})
