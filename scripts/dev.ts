/**
 * `npm run dev`: a hub and two agents that restart when their code changes. Data stay in .skerry/dev, so a restart goes on where it was.
 * Logs go to standard error, one JSON line an event.
 *
 * Not `node --watch`: that talks to what it watches over the channel that the agent has with its runner.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, watch } from 'node:fs/promises'
import { join } from 'node:path'
import { startHub } from '../examples/stage/fleet.ts'
import { ROOT } from './step.ts'

/** Fixed, so that a browser tab and a sign-in survive a restart. */
const HUB_PORT = 8443
const devices = [
  { name: 'dev-one', site: { name: 'here', kind: 'edge', country: 'DE' }, rest: 8500, grpc: 8501 },
  { name: 'dev-two', site: { name: 'there', kind: 'cloud', country: 'IE' }, rest: 8510, grpc: 8511 },
] as const

/** An editor writes a file in several steps, and a branch switch writes many. */
const QUIET_MS = 300

const folder = join(ROOT, '.skerry/dev')
await mkdir(folder, { recursive: true })

// The first start makes the keys and the tokens; from then on the programs find everything on disk.
await using hub = await startHub({ folder, port: HUB_PORT })
const tokens = await Promise.all(devices.map((device) => tokenFor(device)))
await hub.stop()

console.log(`
hub       ${hub.url}   docs at ${hub.url}/docs
${devices.map(({ name, rest, grpc }) => `${name}   http://127.0.0.1:${rest}   grpc 127.0.0.1:${grpc}`).join('\n')}

sign in   export SKERRY_HUB=${hub.url} SKERRY_KEY=${hub.connection.key} SKERRY_CA_FILE=${hub.authorityPath}
then      node_modules/.bin/skerry status
`)
const ending = new AbortController()
process.once('SIGINT', () => ending.abort())
process.once('SIGTERM', () => ending.abort())
while (!ending.signal.aborted) {
  const programs = startPrograms()
  await codeChange(ending.signal)
  for (const program of programs) program.kill('SIGTERM')
  await Promise.all(programs.map((program) => program.exitCode ?? program.signalCode ?? once(program, 'exit')))
}

function startPrograms(): ChildProcess[] {
  const agents = devices.map(({ name, rest, grpc }, index) =>
    start('apps/agent/src/main.ts', [
      '--data',
      join(folder, name),
      '--name',
      name,
      ...(tokens[index] ?? []),
      '--listen',
      `127.0.0.1:${rest}`,
      '--grpc',
      `127.0.0.1:${grpc}`,
    ]),
  )
  const listen = ['--listen', `127.0.0.1:${HUB_PORT}`]
  return [start('apps/hub/src/main.ts', ['--data', join(folder, 'hub'), ...listen]), ...agents]
}

/** In a process group of its own, so that Ctrl-C reaches it once. */
function start(entry: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, entry), ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Returns when code has changed and is quiet again, or when the signal fires. */
async function codeChange(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stopping = new AbortController()
  signal.addEventListener('abort', () => resolve(), { once: true })
  let quiet: NodeJS.Timeout | undefined
  const follow = async (top: string) => {
    for await (const { filename } of watch(join(ROOT, top), { recursive: true, signal: stopping.signal })) {
      if (filename === null || !/\/src\/.*(?<!\.test)\.ts$/.test(filename)) continue
      clearTimeout(quiet)
      quiet = setTimeout(resolve, QUIET_MS)
    }
  }
  const followed = Promise.allSettled(['packages', 'apps'].map(follow))
  await promise
  stopping.abort()
  await followed
}

/** A token as options, for a device that the hub does not know yet. */
async function tokenFor({ name, site }: (typeof devices)[number]): Promise<string[]> {
  const { rows } = await hub.client.device.list({ selector: `device.name == "${name}"` })
  if (rows.length > 0) return []
  await hub.client.site.apply(site)
  const { token } = await hub.client.token.create({ site: site.name })
  return ['--join', token]
}
