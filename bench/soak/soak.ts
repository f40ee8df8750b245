/**
 * soak: whether a hub keeps memory or descriptors of devices that come and go, and of rollouts that end. A part of the
 * devices loses its link or its power every minute or so, while one version after the other is rolled out. At the end
 * all devices leave. `--part 60` gives the minutes.
 *
 *     join → connect → rollouts, until the time is over: live heap, memory, descriptors each round → all leave → compare
 */
import { setTimeout as sleep } from 'node:timers/promises'
import * as phase from '../fleet-parts/fleet-phases.ts'
import { AT_ONCE, type Bench, onFleet, pidOf } from '../fleet-parts/fleet-stage.ts'
import { openFiles, takeUse } from '../fleet-parts/fleet-use.ts'

const MINUTES = 60
const SEED = 1

/** Devices that drop their links, and devices that lose their power, each every minute or so. */
const SHARES = { flaky: 0.15, rebooting: 0.05 }

/** Between two rollouts, so that the load stays below that of a test of speed. */
const REST_MS = 10_000

/** So many devices always run. The others may be away when a rollout ends. */
const STEADY_SHARE = 0.75

/** The first rounds warm the caches of statements and of compiled code. */
const WARM_SHARE = 0.25

type Round = { atMs: number; heapLiveMb: number; rssMb: number; files: number }

/** Runs for an hour, or for as many minutes as `part` says. */
export const run = ({ devices, part }: { devices: number; part: string }): Promise<object> =>
  onFleet('soak', devices, (bench) => soak(bench, (part === '' ? MINUTES : Number(part)) * 60_000))

async function soak(bench: Bench, ms: number) {
  const { hub, simulator, devices } = bench
  const versions = [await phase.pushVersion(hub, 1), await phase.pushVersion(hub, 2)]
  await hub.client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await hub.client.token.create({ site: 'bench', usesMax: devices })
  await simulator.ask({ kind: 'join', token, count: devices, seed: SEED })
  const before = await takeUse(bench)
  const plain = { seed: SEED, failingVersions: [], requestsPerSecond: 1 }
  await simulator.ask({ kind: 'open', ...plain, shares: SHARES, takesJobs: true, hasMonitors: true })
  await simulator.ask({ kind: 'start', atOnce: AT_ONCE })
  const rounds: Round[] = []
  const overMs = performance.now() + ms
  for (let turn = 0; performance.now() < overMs; turn++) {
    const version = versions[turn % versions.length] ?? 1
    // A machine that is busy with other work may not answer one request in time. That is not the hub's memory.
    await phase.until(() => phase.deploy(hub, version).catch(() => undefined), 'a deployment was applied')
    await phase.untilAgreed(simulator, Math.floor(devices * STEADY_SHARE))
    await sleep(REST_MS)
    const { heapLiveMb, hubRssMb, hubFiles } = await takeUse(bench)
    rounds.push({ atMs: performance.now(), heapLiveMb, rssMb: hubRssMb, files: hubFiles })
    console.error(`round ${turn}: heap ${heapLiveMb} MB, memory ${hubRssMb} MB, ${hubFiles} descriptors`)
  }
  const figures = await simulator.figures()
  await simulator.ask({ kind: 'end' })
  const warm = rounds.slice(Math.floor(rounds.length * WARM_SHARE))
  return {
    minutes: ms / 60_000,
    rollouts: rounds.length,
    connects: figures.connects,
    drops: Object.values(figures.drops).reduce((sum, count) => sum + count, 0),
    heapLiveMb: warm.at(-1)?.heapLiveMb,
    heapMbPerHour: slopePerHour(warm, ({ heapLiveMb }) => heapLiveMb),
    hubRssMb: warm.at(-1)?.rssMb,
    rssMbPerHour: slopePerHour(warm, ({ rssMb }) => rssMb),
    filesLeft: await leftFiles(bench, before.hubFiles),
    heapLeftMb: Math.round(((await takeUse(bench)).heapLiveMb - before.heapLiveMb) * 10) / 10,
  }
}

/** The descriptors above those before the devices came, once no more close. The API's own connections may be among them. */
async function leftFiles({ hub }: Bench, before: number): Promise<number> {
  const pid = await pidOf(hub)
  let files = await openFiles(pid)
  for (;;) {
    await sleep(REST_MS)
    const now = await openFiles(pid)
    if (now >= files) return now - before
    files = now
  }
}

/** The slope of the line with the least squares. Undefined with fewer than three rounds. */
function slopePerHour(rounds: readonly Round[], read: (round: Round) => number): number | undefined {
  if (rounds.length < 3) return undefined
  const mean = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length
  const hours = ({ atMs }: Round) => atMs / 3_600_000
  const [meanHours, meanValue] = [mean(hours), mean(read)]
  const covariance = mean((round) => (hours(round) - meanHours) * (read(round) - meanValue))
  const variance = mean((round) => (hours(round) - meanHours) ** 2)
  return Math.round((covariance / variance) * 10) / 10
}
