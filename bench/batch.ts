/**
 * batch: the cost of one command over many devices for a hub. Hub, devices and the bare server of the baseline are a
 * process each, on one machine.
 *
 *     join → baseline: a bare server sends one request to each, each answers → connect → a batch for all
 *          → one that is cancelled → one in which the hub is killed
 */
import type { Batch, JobCounts } from '@skerry/contract/batches/batch'
import type { Rate } from '@skerry/contract/deployments/pace'
import { type HubProgram, startHub } from '../examples/stage/fleet.ts'
import * as phase from './fleet-parts/fleet-phases.ts'
import { AT_ONCE, type Bench, onFleet, pidOf } from './fleet-parts/fleet-stage.ts'
import { cpuMs, rssMb } from './usage/process-use.ts'

const SEED = 1

/** [contract, PER_MINUTE_MAX] */
const RATE_MAX = 100_000

/** Runs the benchmark: a minute at 1,000 devices. */
export const run = ({ devices }: { devices: number }): Promise<object> => onFleet('batch', devices, measure)

async function measure(bench: Bench) {
  const { bare, ...connecting } = await connect(bench)
  const all = await askAll(bench)
  const cancelled = await cancel(bench)
  const killed = await killInTheMiddle(bench)
  const hubRssMb = round(await rssMb(await pidOf(bench.hub)))
  const { outcome: first, ...askedOnce } = all
  const { outcome: second, ...cancelling } = cancelled
  const { outcome: third, ...killing } = killed
  const outcomes = [first, second, third]
  return {
    ...connecting,
    baselineMs: round(bare.elapsedMs),
    ...askedOnce,
    sendToBaseline: share(askedOnce.sendMs, bare.elapsedMs),
    baselineCpuMsPerJob: share(bare.usedMs, bench.devices),
    ...cancelling,
    ...killing,
    hubRssMb,
    errors: sum(outcomes.map(({ errors }) => errors)),
    lost: sum(outcomes.map(({ lost }) => lost)),
    doneTwice: sum(outcomes.map(({ doneTwice }) => doneTwice)),
  }
}

async function connect({ hub, simulator, devices }: Bench) {
  await hub.client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await hub.client.token.create({ site: 'bench', usesMax: devices })
  await simulator.ask({ kind: 'join', token, count: devices, seed: SEED })
  note(`${devices} devices joined`)
  const bare = await phase.measureBareRound(simulator, hub.authorityPath, AT_ONCE)
  note(`baseline ${round(bare.elapsedMs)} ms`)
  const plain = { seed: SEED, shares: {}, failingVersions: [], requestsPerSecond: 1 }
  const pid = await pidOf(hub)
  const rssBefore = await rssMb(pid)
  const cpuBefore = await cpuMs(pid)
  await simulator.ask({ kind: 'open', ...plain, takesJobs: true })
  await simulator.ask({ kind: 'start', atOnce: AT_ONCE })
  await phase.untilAgreed(simulator, devices)
  note('connected')
  const connectCpuMsPerDevice = share((await cpuMs(pid)) - cpuBefore, devices)
  return { bare, connectCpuMsPerDevice, kbPerDevice: round((((await rssMb(pid)) - rssBefore) * 1_000) / devices) }
}

/** One batch for every device, from the call that creates it until the hub reports its end. */
async function askAll({ hub, simulator, devices }: Bench) {
  const startedMs = performance.now()
  const { id } = await create(hub)
  const createMs = performance.now() - startedMs
  await hub.client.batch.sign({ batch: id })
  const signMs = performance.now() - startedMs - createMs
  const cpuBefore = await cpuMs(await pidOf(hub))
  const askedMs = await simulator.now()
  const sentAtMs = performance.now()
  await hub.client.batch.send({ batch: id })
  await until(hub, id, ({ status }) => status === 'ended')
  const sendMs = performance.now() - sentAtMs
  const usedMs = (await cpuMs(await pidOf(hub))) - cpuBefore
  const figure = await figureOf(simulator, id)
  const reportMs = await timed(() => report(hub, id))
  note(`${devices} jobs in ${round(sendMs)} ms`)
  return {
    createMs: round(createMs),
    signMs: round(signMs),
    sendMs: round(sendMs),
    sendToFirstJobMs: round(figure.firstMs - askedMs),
    jobsPerSec: round((devices / sendMs) * 1_000),
    hubCpuMsPerJob: share(usedMs, devices),
    reportMs: round(reportMs),
    outcome: await judge({ hub, simulator, devices }, id),
  }
}

/**
 * Devices are notified over some five seconds, and the batch is cancelled when a tenth has begun. Gives how long others
 * still begin after the hub's answer.
 */
async function cancel({ hub, simulator, devices }: Bench) {
  const id = await send(hub, { perMinute: Math.min(RATE_MAX, devices * 12) })
  await untilBegun(simulator, id, devices / 10)
  await hub.client.batch.cancel({ batch: id, reason: 'bench' })
  const answeredMs = await simulator.now()
  await until(hub, id, ({ status }) => status === 'cancelled')
  const { lastMs, begun } = await figureOf(simulator, id)
  note(`cancelled when ${begun} of ${devices} had begun`)
  return {
    cancelToLastJobMs: round(Math.max(0, lastMs - answeredMs)),
    begunOfCancelled: begun,
    outcome: await judge({ hub, simulator, devices }, id),
  }
}

/** The hub is killed without a word when a tenth has begun; gives the time from the kill until the batch has ended. */
async function killInTheMiddle(bench: Bench) {
  const { simulator, devices } = bench
  const id = await send(bench.hub)
  await untilBegun(simulator, id, devices / 10)
  const killedMs = performance.now()
  process.kill(await pidOf(bench.hub), 'SIGKILL')
  bench.hub = await startHub(bench.home)
  await until(bench.hub, id, ({ status }) => status === 'ended')
  const killToEndMs = performance.now() - killedMs
  note(`hub killed, batch ended ${round(killToEndMs)} ms later`)
  return { killToEndMs: round(killToEndMs), outcome: await judge(bench, id) }
}

async function send(hub: HubProgram, rate?: Rate): Promise<Batch['id']> {
  const { id } = await create(hub, rate)
  await hub.client.batch.sign({ batch: id })
  await hub.client.batch.send({ batch: id })
  return id
}

const create = ({ client }: HubProgram, rate?: Rate) =>
  client.batch.create({
    command: { kind: 'run-diagnostics' },
    selector: 'site.name == "bench"',
    ...(rate === undefined ? {} : { rate }),
  })

type Asked = Pick<Bench, 'hub' | 'simulator' | 'devices'>

/**
 * Counts after the end of a batch: its errors, the differences between the hub and the devices, and jobs that were done
 * more than once. A device that was notified before a cancel may have done its job.
 */
async function judge({ hub, simulator, devices }: Asked, id: Batch['id']) {
  const { counts } = await hub.client.batch.get({ batch: id })
  const figure = await figureOf(simulator, id)
  return {
    errors: counts.failed + counts['timed-out'] + counts.expired,
    lost: Math.abs(counts.succeeded - figure.succeeded) + (devices - sum(Object.values<number>(counts))),
    doneTwice: Math.max(0, figure.begun - figure.succeeded - figure.failed) + repeated(counts, figure),
  }
}

const repeated = (counts: JobCounts, { succeeded }: phase.JobFigure) => Math.max(0, succeeded - counts.succeeded)

/** The requests of `skerry batch report`. */
async function report({ client }: HubProgram, id: Batch['id']): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await client.batch.devices({ batch: id, limit: 500, ...(after === undefined ? {} : { after }) })
    if (page.next === undefined) return
    after = page.next
  }
}

const figureOf = async (simulator: phase.Simulator, id: Batch['id']): Promise<phase.JobFigure> =>
  (await simulator.figures()).jobs[id] ?? { begun: 0, firstMs: 0, lastMs: 0, succeeded: 0, failed: 0, cancelled: 0 }

const untilBegun = (simulator: phase.Simulator, id: Batch['id'], jobs: number) =>
  phase.until(async () => (await figureOf(simulator, id)).begun >= jobs || undefined, `${jobs} jobs have begun`)

const until = ({ client }: HubProgram, id: Batch['id'], isSo: (batch: Batch) => boolean) =>
  phase.until(async () => isSo(await client.batch.get({ batch: id })) || undefined, 'the batch is over')

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

const round = Math.round
const share = (value: number, of: number) => Math.round((value / of) * 100) / 100
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const note = (text: string) => console.error(text)
