import { BuildId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { buildText } from './build-view.ts'

export const showBuild = command({
  name: 'build show',
  summary: 'Show a build: its size, its fidelity, and the nodes that stayed in float',
  examples: ['skerry build show bld_abcdefgh234567'],
  arguments: { build: required('<build>', 'the id of a build', fits(BuildId)) },
  options: {},
  async run({ build: id }, session) {
    const { client } = await session.hub()
    const build = await client.build.get({ build: id }, { signal: session.signal })
    session.print({ json: build, text: () => buildText(build, session.style) })
  },
})
