/**
 * The agent's program. It restarts itself once, in the same process, with settings that keep it small: a device's
 * memory belongs to its models. Only then does it load the rest, from compiled code in the data folder.
 */
import { join } from 'node:path'
import { keepFilesPrivate } from '@skerry/platform/files/private-folder'
import { HANDED_OVER } from './launcher/launch-plan.ts'
import { type AgentOptions, parseOptions } from './options.ts'

/** Exit codes: 0 stopped by command, 1 broken, 2 wrong arguments, 75 for a launcher that starts another version. */
const BROKEN = 1
const ASKED_WRONGLY = 2

/**
 * The control process makes little garbage, so that the default 16 MB of young objects would only stay resident. It has
 * no heavy computations, so that the optimising compilers' 8 MB of code need not be touched.
 */
const SMALL = ['--max-semi-space-size=1', '--no-opt', '--no-maglev']

/** The package that only an agent of a cluster needs, and that npm does not install by itself. */
const CLUSTER_CLIENT = '@kubernetes/client-node'

/** Why the agent cannot do what its options ask for; undefined if it can. */
function lackOf({ cluster, isManifestPrinted }: AgentOptions): string | undefined {
  if (cluster === undefined && !isManifestPrinted) return undefined
  try {
    import.meta.resolve(CLUSTER_CLIENT)
    return undefined
  } catch {
    return `--kubernetes needs a package that is not installed here; run "npm install ${CLUSTER_CLIENT}@2.0.1" where Skerry is installed`
  }
}

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
  const lack = lackOf(parsed.options)
  if (lack !== undefined) {
    process.stderr.write(`skerry agent: ${lack}\n`)
    return ASKED_WRONGLY
  }
  keepFilesPrivate()
  if (parsed.options.isSelfCheck) return (await import('./updates/self-check.ts')).selfCheck()
  if (parsed.options.historyImport)
    return (await import('./learning/import-history.ts')).importHistory(
      parsed.options.data,
      parsed.options.historyImport,
    )
  if (parsed.options.page.isPasswordSet)
    return (await import('./local-page/set-password.ts')).setPagePassword(parsed.options.data)
  if (parsed.options.isManifestPrinted)
    return (await import('./kubernetes/print-manifest.ts')).printManifest(parsed.options)
  beginAgain(parsed.options.data)
  if (parsed.options.pod)
    return (await import('./kubernetes/serve-pod.ts')).servePod(parsed.options, parsed.options.pod)
  if (process.env.SKERRY_STANDBY !== undefined && !(await hasTurn())) return 0
  const { runAgent } = await import('./agent.ts')
  const end = await runAgent(parsed.options, process.execve !== undefined)
  if (end === 'wipe') return (await import('./wiping/finish-wipe.ts')).finishWipe(parsed.options)
  if (end === 'handover') {
    const { keepRecords } = await import('./updates/records-copy.ts')
    await keepRecords(parsed.options.data)
    return HANDED_OVER
  }
  if (end !== 'restart') return end
  // All resources are released: the same program restarts, with the same arguments, in the same process.
  become(process.execArgv, process.env)
  return BROKEN
}

/** Waits for the end of the version before. A restart of this program, which has the same environment, does not wait. */
async function hasTurn(): Promise<boolean> {
  delete process.env.SKERRY_STANDBY
  const { standBy } = await import('./updates/standby.ts')
  return standBy(process.env, async () => (await import('./updates/self-check.ts')).loadControl())
}

/** Returns only if the settings apply already, or cannot be applied. */
function beginAgain(data: string): void {
  const isSmall = SMALL.every((flag) => process.execArgv.includes(flag))
  if (isSmall || process.execve === undefined || process.channel !== undefined) return
  become([...process.execArgv, ...SMALL], {
    // To compile and strip types at each start costs 0.4 s and 20 MB.
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
