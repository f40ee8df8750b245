/**
 * update: how long a model does not answer, and how long the hub does not hear of the device, while the agent of the
 * device is replaced; how long a device needs to return from a version that crashes; and how long an installation takes.
 * With `--part fleet`: how long a rollout to many devices takes.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import {
  deployModel,
  installVersion,
  type LaunchedDevice,
  launch,
  lendModules,
  requestModel,
  startInstalled,
} from '../../test/updates/devices.ts'
import { median } from '../serve-parts/serve-latency.ts'
import { updateFleet } from './update-fleet.ts'

/** An odd number, so that the median is a measured value. */
const UPDATES = 5

const POLL_MS = 5

const ROOT = join(import.meta.dirname, '../..')

type Bench = { folder: string; hub: HubProgram; skerry: CommandLine; device: LaunchedDevice }

/** Runs the benchmark; takes some minutes. With `--part fleet`, of simulated devices. */
export const run = ({ devices, part }: { devices: number; part: string }): Promise<object> =>
  part === 'fleet' ? updateFleet(devices) : updateOne()

async function updateOne(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-update-'))
  try {
    await lendModules(folder)
    await using hub = await startHub(await newHubHome(join(folder, 'hub')))
    const skerry = commandLine(hub, folder)
    await skerry('site', 'create', 'bench', '--kind', 'edge')
    const file = await pack(folder, '0.1.0')
    await skerry('agent', 'push', file, '--alias', 'stable')
    const root = join(folder, 'software')
    await mkdir(root)
    await installVersion(hub, { root, version: 1, file })
    const token = (await skerry('device', 'token', 'create', '--site', 'bench')).trim()
    const place = { device: 'bench', root, data: join(folder, 'data'), logFolder: folder }
    const device = await launch({ ...place, token })
    try {
      const bench = { folder, hub, skerry, device }
      await deployModel(hub)
      await untilState(hub, 'relu', 1, 'active')
      return {
        benchmark: 'update',
        ...(await measureUpdates(bench)),
        ...(await measureReturn(bench)),
        ...(await measureInstall(bench)),
      }
    } finally {
      await device.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function pack(folder: string, version: string, patch: Readonly<Record<string, string>> = {}): Promise<string> {
  const target = join(folder, `${version}.tar`)
  await buildAgentPackage({ target, version, patch })
  return target
}

async function untilState(hub: HubProgram, name: string, version: number, state: string): Promise<void> {
  for (;;) {
    const { items } = await hub.client.device.get({ device: 'bench' }).catch(() => ({ items: [] }))
    const item = items.find((one) => one.name === name)
    if (item?.target.version === version && item.state === state) return
    await sleep(POLL_MS)
  }
}

const deploy = (hub: HubProgram, version: number) =>
  hub.client.deployment.apply({
    name: 'agents',
    deployable: 'skerry-agent',
    version: String(version),
    probation: { seconds: 1 },
  })

async function measureUpdates({ folder, hub, skerry, device }: Bench) {
  const serving: number[] = []
  const control: number[] = []
  const whole: number[] = []
  for (let turn = 1; turn <= UPDATES; turn++) {
    await skerry('agent', 'push', await pack(folder, `0.1.${turn}`))
    const stop = new AbortController()
    const gaps = Promise.all([
      longestGap(async () => (await requestModel(device)) === 200, stop.signal),
      longestGap(() => isConnected(hub), stop.signal),
    ])
    const startedMs = performance.now()
    await deploy(hub, turn + 1)
    await untilState(hub, 'skerry-agent', turn + 1, 'active')
    whole.push(performance.now() - startedMs)
    // The model may come back after the agent is active.
    await sleep(5_000)
    stop.abort()
    const [servingMs, controlMs] = await gaps
    serving.push(servingMs)
    control.push(controlMs)
  }
  return { servingGapMs: spread(serving), controlGapMs: spread(control), updateMs: spread(whole) }
}

const spread = (values: readonly number[]) => ({ median: median([...values]), worst: Math.max(...values) })

/** The longest time between two good answers. */
async function longestGap(isGood: () => Promise<boolean>, signal: AbortSignal): Promise<number> {
  let longestMs = 0
  for (let lastMs = performance.now(); !signal.aborted; await sleep(POLL_MS)) {
    if (!(await isGood())) continue
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
  return longestMs
}

const isConnected = async (hub: HubProgram) => (await hub.client.device.get({ device: 'bench' })).link.connected

async function measureReturn({ folder, hub, skerry }: Bench) {
  const main = await readFile(join(ROOT, 'apps/agent/src/main.ts'), 'utf8')
  const crashing = main.replace('const { runAgent }', 'process.exit(41); const { runAgent }')
  await skerry('agent', 'push', await pack(folder, '0.2.0', { 'apps/agent/src/main.ts': crashing }))
  const startedMs = performance.now()
  await deploy(hub, UPDATES + 2)
  await untilState(hub, 'skerry-agent', UPDATES + 2, 'failed')
  return { returnMs: performance.now() - startedMs }
}

async function measureInstall({ folder, hub, skerry }: Bench) {
  const line = (await skerry('device', 'install-command', '--site', 'bench')).trim()
  const dir = join(folder, 'installed')
  const command = line.replace('sh -s --', `sh -s -- --no-service --dir ${dir} --name installed`)
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
  const startedMs = performance.now()
  await promisify(execFile)('sh', ['-c', command], { cwd: folder, env })
  const installedMs = performance.now() - startedMs
  const started = startInstalled(dir, folder)
  try {
    for (;;) {
      const device = await hub.client.device.get({ device: 'installed' }).catch(() => undefined)
      if (device?.link.connected) break
      await sleep(POLL_MS)
    }
    return { installMs: installedMs, installToJoinedMs: performance.now() - startedMs }
  } finally {
    await started.stop()
  }
}
