import { command } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { GIT_SOURCE } from './git-source-view.ts'

export const resumeGitSource = command({
  name: 'git-source resume',
  summary: 'Resume a paused Git source; the hub synchronises it at once',
  examples: ['skerry git-source resume fleet --yes'],
  arguments: { name: GIT_SOURCE },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    const { differing, head } = await client.gitSource.get({ name }, { signal: session.signal })
    const commit = head ? ` of the commit ${head.hash.slice(0, 12)}` : ''
    if (differing > 0) await session.confirm(`apply the ${differing} differing documents${commit}`, yes)
    const source = await client.gitSource.resume({ name }, { signal: session.signal })
    session.print({ json: source, text: () => `resumed the Git source ${name}` })
  },
})
