import { command } from '../../program/command.ts'
import { programVersion } from './program-version.ts'

export const showVersion = command({
  name: 'version',
  summary: 'Show the version of this CLI',
  examples: ['skerry version'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const version = programVersion()
    session.print({
      json: { version, node: process.version },
      text: () => `skerry ${version} (node ${process.version})`,
    })
  },
})
