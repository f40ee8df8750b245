/**
 * Simulator, a process of its own: "skerry simulate" starts it, tells it what to do over the pipe between them, and hears how it goes. It joins
 * its devices, connects them, and lets them live until it is told to stop or the pipe closes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type SimulationNews, SimulationOrder, type SimulationTask } from '@skerry/contract/devices/simulation'
import { systemClock } from '@skerry/platform/process/clock'
import { openFleet, simulatedInventory } from './fleet.ts'
import { joinFleet } from './fleet-joining.ts'

/** People watch a line that changes. */
const NEWS_MS = 1_000

/** Requests that clients send to each device, so that its counters move as real ones do. */
const REQUESTS_PER_SECOND = 1

const stopping = new AbortController()
const tell = (news: SimulationNews) => process.send?.(news)

// Ctrl-C reaches the whole group; whoever started this process says when it ends.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  const order = SimulationOrder.parse(message)
  if (order.kind === 'stop') return stopping.abort()
  return void simulate(order.task, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) tell({ kind: 'failed', code: 'simulator_broken', message: String(error) })
    else tell({ kind: 'ended', figures: NO_FIGURES })
  })
})
tell({ kind: 'ready' })

const NO_FIGURES = {
  connects: 0,
  reports: 0,
  documents: 0,
  connectFailures: {},
  drops: {},
  reportFailures: {},
  versions: {},
  jobs: {},
}

async function simulate(task: SimulationTask, signal: AbortSignal): Promise<void> {
  const [first = '', ...others] = task.tokens
  let told = 0
  const onJoined = (joined: number) => {
    if (joined < task.devices && systemClock.monotonicMs() - told < NEWS_MS) return
    told = systemClock.monotonicMs()
    tell({ kind: 'joining', joined })
  }
  const joined = await joinFleet(
    {
      tokens: [first, ...others],
      nameOf: (index) => `sim-${task.run}-${index}`,
      inventoryOf: simulatedInventory,
      count: task.devices,
      onJoined,
    },
    signal,
  )
  if (!joined.ok) return void tell({ kind: 'failed', code: joined.code, message: joined.message })
  const { seed, shares, failingVersions } = task
  await using fleet = openFleet({
    joined,
    seed,
    shares,
    failingVersions,
    clock: systemClock,
    requestsPerSecond: REQUESTS_PER_SECOND,
    takesJobs: true,
  })
  const connecting = fleet.start(task.atOnce)
  while (!signal.aborted) {
    tell({ kind: 'state', census: fleet.census(), figures: fleet.figures(), rssBytes: process.memoryUsage.rss() })
    await sleep(NEWS_MS, undefined, { signal }).catch(() => {})
  }
  await connecting
  tell({ kind: 'ended', figures: fleet.figures() })
}
