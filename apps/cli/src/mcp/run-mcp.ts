/** Run MCP: connects a session to its transport: lines of standard input, and lines of standard output. */
import { addAbortSignal, type Readable, type Writable } from 'node:stream'
import { rpcError } from './json-rpc.ts'
import type { McpServer } from './mcp-server.ts'

export type McpStreams = { stdin: Readable; stdout: Writable }

/** The arguments of a read are some kilobytes. A longer line is no request, and would fill the memory. */
export const LINE_CHARACTERS_MAX = 1_000_000

/** A client that does not read its answers is not read either, so that they do not fill the memory. */
const UNANSWERED_MAX = 64

const TOO_LONG = JSON.stringify(
  rpcError(null, 'request', `the line is longer than ${LINE_CHARACTERS_MAX} characters; send a smaller request`),
)

/** Serves until the client closes the input, and answers the rest. The signal ends it at once. */
export async function runMcp({ stdin, stdout }: McpStreams, server: McpServer, signal: AbortSignal): Promise<void> {
  const unanswered = new Set<Promise<void>>()
  const answer = async (line: string | undefined) => {
    const reply = line === undefined ? TOO_LONG : await server.receive(line, signal)
    if (reply !== undefined && !signal.aborted) await writeLine(stdout, reply)
  }
  try {
    for await (const line of linesOf(addAbortSignal(signal, stdin))) {
      const work = answer(line).finally(() => unanswered.delete(work))
      unanswered.add(work)
      if (unanswered.size >= UNANSWERED_MAX) await Promise.race(unanswered)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  await Promise.all(unanswered)
}

/** The lines that are not empty; undefined for each line that is too long. */
async function* linesOf(stdin: Readable): AsyncGenerator<string | undefined> {
  let rest = ''
  let isTooLong = false
  for await (const chunk of stdin.setEncoding('utf8')) {
    const [first = '', ...others] = String(chunk).split('\n')
    rest += first
    for (const next of others) {
      if (isTooLong || rest.length > LINE_CHARACTERS_MAX) yield undefined
      else if (rest.trim() !== '') yield rest
      isTooLong = false
      rest = next
    }
    if (rest.length > LINE_CHARACTERS_MAX) {
      isTooLong = true
      rest = ''
    }
  }
  if (!isTooLong && rest.trim() !== '') yield rest
}

/** Resolves when the client has room for more. */
function writeLine(stdout: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
  })
}
