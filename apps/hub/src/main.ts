/**
 * The hub's program. It reads its options before it loads the other modules, so that the compiled code can be cached in
 * the data folder.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { keepFilesPrivate } from '@skerry/platform/files/private-folder'
import { type HubOptions, parseOptions } from './options.ts'

/** Exit codes: 0 stopped on request, 1 cannot run, 2 wrong options. */
const CANNOT_RUN = 1
const ASKED_WRONGLY = 2

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env)
  if (parsed.ok === 'help') {
    process.stdout.write(parsed.text)
    return 0
  }
  if (!parsed.ok) return refuse(parsed.message, ASKED_WRONGLY)
  try {
    return await start(parsed.options)
  } catch (error) {
    return refuse(wordsOf(error), CANNOT_RUN)
  }
}

async function start(options: HubOptions): Promise<number> {
  keepFilesPrivate()
  // The threads and processes that try pushed models start twice as fast with the cache; they find it by this variable.
  process.env.NODE_COMPILE_CACHE ??= join(options.data, 'cache')
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
  const { runHub } = await import('./run-hub.ts')
  const result = await runHub(options)
  if (result.ok) return 0
  return refuse(`${result.message} (${result.code})`, result.code === 'option_invalid' ? ASKED_WRONGLY : CANNOT_RUN)
}

function refuse(message: string, exitCode: number): number {
  process.stderr.write(`skerry hub: ${message}\n`)
  return exitCode
}

/** The error's message, followed by the messages of its causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`
}

process.exitCode = await main()
