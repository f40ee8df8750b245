import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { GIT_SOURCE } from './git-source-view.ts'

export const removeGitSource = command({
  name: 'git-source rm',
  summary: 'Stop following a Git repository; all that it applied stays',
  examples: ['skerry git-source rm fleet --yes'],
  arguments: { name: GIT_SOURCE },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`stop following the repository of ${name}, and revoke its key`, yes)
    await client.gitSource.remove({ name }, { signal: session.signal })
    session.print({ json: { name }, text: () => `removed the Git source ${name}` })
  },
})
