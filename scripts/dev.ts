/**
 * `npm run dev`: a hub and two agents that restart when their code changes. Data stay in .skerry/dev, so a restart goes on where it was.
 * Logs go to standard error, one JSON line an event.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startHub } from '../examples/stage/fleet.ts'
import { ROOT } from './step.ts'

/** Fixed, so that a browser tab and a login survive a restart. */
const HUB_PORT = 8443
const devices = [
  { name: 'dev-one', site: { name: 'here', kind: 'edge', country: 'DE' }, rest: 8500, grpc: 8501 },
  { name: 'dev-two', site: { name: 'there', kind: 'cloud', country: 'IE' }, rest: 8510, grpc: 8511 },
] as const
const folder = join(ROOT, '.skerry/dev')
await mkdir(folder, { recursive: true })

// The first start of each makes keys and joins; from then on the watched processes find everything on disk.
await using hub = await startHub({ folder, port: HUB_PORT })
const tokens = await Promise.all(devices.map((device) => tokenFor(device)))
await hub.stop()

const children = [
  watch('apps/hub/src/main.ts', ['--data', join(folder, 'hub'), '--listen', `127.0.0.1:${HUB_PORT}`]),
  ...devices.map(({ name, rest, grpc }, index) =>
    watch('apps/agent/src/main.ts', [
      ...['--data', join(folder, name), '--name', name, ...(tokens[index] ?? [])],
      ...['--listen', `127.0.0.1:${rest}`, '--grpc', `127.0.0.1:${grpc}`],
    ]),
  ),
]
console.log(`
hub       ${hub.url}   docs at ${hub.url}/docs
${devices.map(({ name, rest, grpc }) => `${name}   http://127.0.0.1:${rest}   grpc 127.0.0.1:${grpc}`).join('\n')}

sign in   export SKERRY_HUB=${hub.url} SKERRY_KEY=${hub.connection.key} SKERRY_CA_FILE=${hub.authorityPath}
then      node_modules/.bin/skerry status
`)
const [signal] = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
for (const child of children) child.kill(signal)
await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))

/** A token as options, for a device that the hub does not know yet. */
async function tokenFor({ name, site }: (typeof devices)[number]): Promise<string[]> {
  const { rows } = await hub.client.device.list({ selector: `device.name == "${name}"` })
  if (rows.length > 0) return []
  await hub.client.site.apply(site)
  const { token } = await hub.client.token.create({ site: site.name })
  return ['--join', token]
}

function watch(entry: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--watch', '--watch-preserve-output', join(ROOT, entry), ...args], {
    ...{ cwd: ROOT, detached: true, stdio: ['ignore', 'ignore', 'inherit'] },
  })
}
