import { BuildId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removeBuild = command({
  name: 'build rm',
  summary: 'Remove a build',
  examples: ['skerry build rm bld_abcdefgh234567 --yes'],
  arguments: { build: required('<build>', 'the id of a build', fits(BuildId)) },
  options: { yes: YES },
  async run({ build, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`remove the build ${build}`, yes)
    await client.build.remove({ build }, { signal: session.signal })
    session.print({ json: { build }, text: () => `removed the build ${build}` })
  },
})
