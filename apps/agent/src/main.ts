/**
 * The agent's program. It begins again once, in the same process, with the settings that keep it small: a device's memory belongs to its
 * models. Only then is the rest loaded, from compiled code that is kept in the data folder.
 */
import { join } from 'node:path'
import { keepFilesPrivate } from '@skerry/platform/files/private-folder'
import { parseOptions } from './options.ts'

/** Exit codes: 0 stopped as told, 1 broken, 2 asked wrongly. */
const BROKEN = 1
const ASKED_WRONGLY = 2

/**
 * The control process makes little garbage, so room for the default 16 MB of young objects would only stay resident; and it computes
 * nothing that the optimising compilers could speed up, so their 8 MB of code need not even be touched.
 */
const SMALL = ['--max-semi-space-size=1', '--no-opt', '--no-maglev']

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env)
  if (parsed.ok === 'help') {
    process.stdout.write(parsed.text)
    return 0
  }
  if (!parsed.ok) {
    process.stderr.write(`skerry agent: ${parsed.message}\n`)
    return ASKED_WRONGLY
  }
  keepFilesPrivate()
  beginAgain(parsed.options.data)
  const { runAgent } = await import('./agent.ts')
  const end = await runAgent(parsed.options, process.execve !== undefined)
  if (end === 'wipe') return (await import('./wiping/finish-wipe.ts')).finishWipe(parsed.options)
  if (end !== 'restart') return end
  // All is put away: the same program, with the same words, in the same process.
  become(process.execArgv, process.env)
  return BROKEN
}

/** Returns only when the settings are in force, or cannot be. */
function beginAgain(data: string): void {
  const isSmall = SMALL.every((flag) => process.execArgv.includes(flag))
  if (isSmall || process.execve === undefined || process.channel !== undefined) return
  become([...process.execArgv, ...SMALL], {
    // Compiling and stripping types anew at each start costs 0.4 s and 20 MB.
    NODE_COMPILE_CACHE: join(data, 'compiled'),
    // One arena: the control process allocates from one thread, and each further arena keeps some MB.
    MALLOC_ARENA_MAX: '1',
    ...process.env,
  })
}

function become(flags: readonly string[], environment: NodeJS.ProcessEnv): void {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const [script = '', ...words] = process.argv.slice(1)
  process.execve?.(process.execPath, [process.execPath, ...flags, script, ...words], Object.fromEntries(set))
}

process.exitCode = await main()
