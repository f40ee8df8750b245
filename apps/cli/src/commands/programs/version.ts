/** `skerry version` */
import { createRequire } from 'node:module'
import { command } from '../../program/command.ts'

export const showVersion = command({
  name: 'version',
  summary: 'Show the version of this CLI',
  examples: ['skerry version'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const require = createRequire(import.meta.url)
    const { version } = require('../../../package.json') as { version: string }
    session.print({
      json: { version, node: process.version },
      text: () => `skerry ${version} (node ${process.version})`,
    })
  },
})
