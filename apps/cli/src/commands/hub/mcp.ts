import { createRequire } from 'node:module'
import { createLog } from '@skerry/platform/process/log'
import { openMcpServer } from '../../mcp/mcp-server.ts'
import { readTools, toolNouns } from '../../mcp/read-tools.ts'
import { runMcp } from '../../mcp/run-mcp.ts'
import { command, list, type Parse } from '../../program/command.ts'

export const runMcpCommand = command({
  name: 'mcp',
  summary:
    'Serve the hub to an assistant: read-only tools of the Model Context Protocol, over standard input and output',
  details:
    'An assistant starts this command by itself. Its tools are the reads of the API, with the permissions of your key; none changes ' +
    'anything. Use a key of the role viewer. Standard output has only the protocol, the log goes to standard error.',
  examples: ['skerry mcp', 'skerry mcp --only device --only rollout'],
  arguments: {},
  options: {
    only: list('--only <noun>', 'offer only the tools of this noun, such as device', parseNoun()),
  },
  output: 'stream',
  async run({ only }, session) {
    const { io, signal } = session
    const { client } = await session.hub()
    const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }
    const tools = readTools.filter(({ noun }) => only.length === 0 || only.includes(noun))
    const server = openMcpServer({ client, tools, version, nowMs: io.nowMs, log: createLog({ name: 'mcp' }) })
    await runMcp(io.terminal(), server, signal)
  },
})

function parseNoun(): Parse<string> {
  const parse = (text: string) => {
    if (toolNouns.includes(text)) return text
    throw new Error(`has no tools; the nouns are ${toolNouns.join(', ')}`)
  }
  return Object.assign(parse, { values: toolNouns })
}
