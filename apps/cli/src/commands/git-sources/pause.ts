import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { GIT_SOURCE } from './git-source-view.ts'

export const pauseGitSource = command({
  name: 'git-source pause',
  summary: 'Pause a Git source: it shows differences, and applies nothing',
  examples: ['skerry git-source pause fleet --reason "freeze until Monday"'],
  arguments: { name: GIT_SOURCE },
  options: { reason: REASON },
  async run({ name, reason }, session) {
    const { client } = await session.hub()
    const source = await client.gitSource.pause({ name, reason }, { signal: session.signal })
    session.print({ json: source, text: () => `paused the Git source ${name}` })
  },
})
