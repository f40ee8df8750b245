/**
 * Access load: the effect of remote access on all other work of the hub. Idle grants must cost no CPU time, and a hundred
 * tunnels with traffic must leave reports and rollouts as quick as before. Both sides of each comparison alternate.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import type { HubProgram } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { cpuMs } from '../usage/process-use.ts'

/** The most grants of one device. */
const GRANTS = 32

/** Long enough for the sweeps of sessions, which run each ten seconds. */
const IDLE_MS = 15_000

/** The CPU time of the hub in a second of rest, without and with idle grants; in milliseconds. */
export async function idleGrantCost({ client }: HubProgram, device: string) {
  const pid = childWith('apps/hub/src/main.ts')
  const rest = async () => {
    const before = await cpuMs(pid)
    await sleep(IDLE_MS)
    return ((await cpuMs(pid)) - before) / (IDLE_MS / 1_000)
  }
  const without: number[] = []
  const withGrants: number[] = []
  for (let turn = 0; turn < 2; turn += 1) {
    without.push(await rest())
    const grants: Awaited<ReturnType<typeof client.access.request>>[] = []
    // The benchmark itself holds one.
    for (let count = 1; count < GRANTS; count += 1)
      grants.push(await client.access.request({ device, kinds: ['shell'], reason: 'an idle grant' }))
    withGrants.push(await rest())
    for (const { id } of grants) await client.access.revoke({ device, grant: id, reason: 'measured' })
  }
  return { hubCpuMsPerS: least(without), hubCpuMsPerSWithIdleGrants: least(withGrants) }
}

/** A busy neighbour only adds. */
const least = (values: readonly number[]) => Math.round(Math.min(...values) * 10) / 10

/** [proc_pid_cmdline(5)] The child of this process with the file on its command line. */
function childWith(file: string): number {
  const own = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return Number(parent) === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(file)
    } catch {
      // It has just ended.
      return false
    }
  })
  const [pid] = own
  if (pid === undefined) throw new Error(`no child process runs ${file}`)
  return Number(pid)
}

const TURNS = 5
const TUNNELS = 100

/** Each tunnel carries as much as a person who looks at a page: all together 1 MB/s. */
const PIECE_BYTES = 1_000
const PIECE_EVERY_MS = 100

const ASK_EVERY_MS = 20

/** The time for a report and for a rollout, without and with the tunnels. */
export async function tunnelEffect(hub: HubProgram, device: string, openTunnel: () => Promise<Duplex>) {
  const { client } = hub
  await pushModel(hub, version(0))
  const quiet: Took[] = []
  const busy: Took[] = []
  await took(hub, device, 1)
  for (let turn = 0; turn < TURNS; turn += 1) {
    quiet.push(await took(hub, device, 2 * turn + 2))
    const tunnels = await Promise.all(Array.from({ length: TUNNELS }, openTunnel))
    const talking = setInterval(() => {
      for (const tunnel of tunnels) if (tunnel.writable) tunnel.write(Buffer.alloc(PIECE_BYTES))
    }, PIECE_EVERY_MS)
    for (const tunnel of tunnels) tunnel.resume()
    busy.push(await took(hub, device, 2 * turn + 3))
    clearInterval(talking)
    for (const tunnel of tunnels) tunnel.destroy()
    // The hub records the end of each session, which is work of its own.
    await seen(async () => (await client.access.list({ device })).rows.every(({ openSessions }) => openSessions === 0))
  }
  return {
    reportMs: middle(quiet, 'reportMs'),
    reportMsWithTunnels: middle(busy, 'reportMs'),
    rolloutMs: middle(quiet, 'rolloutMs'),
    rolloutMsWithTunnels: middle(busy, 'rolloutMs'),
  }
}

type Took = { reportMs: number; rolloutMs: number }

const middle = (all: readonly Took[], of: keyof Took) =>
  Math.round(all.map((each) => each[of]).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN)

/** The device takes new settings and reports them; then it gets a new version, and reports that it serves. */
async function took(hub: HubProgram, device: string, turn: number): Promise<Took> {
  const { client } = hub
  let startMs = performance.now()
  await client.settings.set({ settings: `device:${device}`, spec: { diskFreeMinMb: 100 + turn } })
  await seen(async () => (await client.settings.ofDevice({ device })).state === 'current')
  const reportMs = performance.now() - startMs
  await pushModel(hub, version(turn))
  startMs = performance.now()
  await client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await seen(async () => {
    const { items } = await client.device.get({ device })
    return items.some(({ serving, state }) => serving?.version === turn + 1 && state === 'active')
  })
  return { reportMs, rolloutMs: performance.now() - startMs }
}

async function seen(isSeen: () => Promise<boolean>): Promise<void> {
  while (!(await isSeen())) await sleep(ASK_EVERY_MS)
}

const NAME = 'turn'

/** y = −x + turn, so that each version differs. */
function version(turn: number) {
  const bytes = writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: Array.from({ length: turn + 1 }, (_node, index) => ({
        operator: 'Neg',
        inputs: [index === 0 ? 'x' : `n${index}`],
        outputs: [index === turn ? 'y' : `n${index + 1}`],
      })),
    }),
  )
  return { name: NAME, bytes, golden: { cases: [{ inputs: { x: floatTensor([1], [1]) } }] } }
}
