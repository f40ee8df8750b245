/**
 * `npm run example:federated`: three hospitals have different digits, and none shows them to the others. They train one
 * network, which is rolled out to all of them. Then one hospital poisons a campaign: the gate of its rollout fails, and the
 * devices roll back by themselves.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAnalyses } from '@skerry/core/analysis/analysis-text'
import { type AgentProgram, newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { floatTensor, pushModel } from '../stage/push.ts'
import { until } from '../stage/wait.ts'
import { type Digits, PIXELS, readDigits, rowsOfClasses, untrainedNetwork, writeIdx } from './digits.ts'
import { openSiteTest } from './site-test.ts'

const MODEL = 'digits'
const HOSPITALS = [
  { name: 'elbe', country: 'DE', classes: [0, 1, 2, 3] },
  { name: 'seine', country: 'FR', classes: [3, 4, 5, 6] },
  { name: 'tiber', country: 'IT', classes: [6, 7, 8, 9] },
] as const
const ROWS_OF_CLASS = 180

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-federated-'))
stack.defer(() => rm(folder, { recursive: true }))

console.log('Starting a hub and the agents of three hospitals ...')
const digits = await readDigits(6_000)
const everyClass = Array.from({ length: 10 }, (_, label) => label)
const agents: AgentProgram[] = []
const siteTest = stack.use(await openSiteTest(MODEL, rowsOfClasses(digits, everyClass, 10, 540), () => agents))
const home = { ...(await newHubHome(folder)), args: ['--webhook-allow', new URL(siteTest.url).host] }
const hub = stack.use(await startHub(home))
const { client } = hub
for (const [at, { name, country, classes }] of HOSPITALS.entries()) {
  const rows = rowsOfClasses(digits, classes, ROWS_OF_CLASS, at * ROWS_OF_CLASS)
  const site = { name, country, kind: 'onprem', clearance: 'confidential', labels: { trade: 'hospital' } } as const
  const options = await dataOf(name, rows)
  agents.push(stack.use(await startAgent(hub, { site, device: `${name}-1`, folder, options })))
  console.log(`  ${name}: ${rows.labels.length} digits, only ${classes.join(', ')}`)
}

const golden = { cases: [{ inputs: { x: floatTensor([1, PIXELS], new Float32Array(PIXELS).fill(0.5)) } }] }
await pushModel(hub, { name: MODEL, bytes: untrainedNetwork(7), golden })
await deploy('1')
console.log('\nVersion 1 is untrained, and serves in all hospitals.')

console.log('\nThey train it together:')
const ward = await train('ward', { kind: 'norm-bound', bound: 5 }, 'digits')
await rolledOut('done')
console.log(`Version ${ward} is signed, and serves in all hospitals.`)

console.log('\nNow a campaign without a bound, and tiber sends the weights of wrong labels:')
await deploy(String(ward), true)
const poisoned = await train('poisoned', { kind: 'fedavg' }, 'mixed')
await rolledOut('rolled-back')
const right = siteTest.accuracies.at(-1) ?? 0
console.log(
  `Version ${poisoned} read ${Math.round(right * 100)} % of the test digits of the site right, and failed the gate.`,
)
console.log(`The rollout has rolled back by itself: all hospitals serve version ${ward} again.`)

/** The options of an agent. The owner consents to each campaign by its name. */
async function dataOf(name: string, rows: Digits): Promise<string[]> {
  const path = join(folder, `${name}-digits`)
  await writeIdx(path, rows)
  const isPoisoner = name === 'tiber'
  const mixed = isPoisoner ? { ...rows, labels: rows.labels.map((label) => (label + 5) % 10) } : rows
  await writeIdx(`${path}-mixed`, mixed)
  return ['--training-data', `digits:ward=${path}`, '--training-data', `mixed:poisoned=${path}-mixed`]
}

/** Runs a campaign and prints its curve; the number of the published version. */
async function train(name: string, strategy: Parameters<typeof start>[1], data: string): Promise<number> {
  await start(name, strategy, data)
  let shown = -1
  return until(
    `the campaign ${name}`,
    async () => {
      const { campaign, rounds } = await client.campaign.get({ name }, { signal: stopping.signal })
      for (const { round, accuracy, counted } of rounds) {
        if (accuracy === undefined || round <= shown) continue
        shown = round
        const bar = '█'.repeat(Math.round(accuracy * 40)).padEnd(40, '░')
        const words = round === 0 ? 'the base version' : `${counted} hospitals`
        console.log(`  round ${round}  ${bar} ${(accuracy * 100).toFixed(1).padStart(5)} %  ${words}`)
      }
      if (campaign.phase === 'failed') throw new Error(campaign.reason)
      return campaign.resultVersion
    },
    stopping.signal,
  )
}

async function start(name: string, strategy: { kind: 'fedavg' } | { kind: 'norm-bound'; bound: number }, data: string) {
  const isPoisoned = data === 'mixed'
  const spec = {
    name,
    model: MODEL,
    data: { name: data, type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 },
    participants: {
      selector: 'site.labels.trade == "hospital"',
      dataClass: 'confidential' as const,
      residency: ['EU'],
      minimum: 3,
      overSelect: 0,
    },
    rounds: isPoisoned ? 1 : 5,
    deadlineSeconds: 60,
    strategy,
    training: { epochs: isPoisoned ? 20 : 2, batchSize: 10, learningRate: 0.1 },
    result: { deploy: MODEL },
    seed: 1,
  }
  const ready = async () => (await client.campaign.create({ spec, dryRun: true })).eligible === 3 || undefined
  await until('the data of three hospitals', ready, stopping.signal)
  await client.campaign.create({ spec })
}

async function deploy(version: string, isGated = false): Promise<void> {
  const analysis = parseAnalyses(`site: webhook ${siteTest.url} \`result.accuracy > 0.65\` every 1s x2 bears 0`) ?? []
  const canary = { name: 'canary', selector: 'site.name == "elbe"', analysis }
  const strategy = isGated ? { waves: [canary], onFailure: 'rollback-all' as const } : {}
  await client.deployment.apply({ name: MODEL, deployable: MODEL, version, probation: { seconds: 0 }, strategy })
  if (!isGated) await rolledOut('done')
}

async function rolledOut(status: 'done' | 'rolled-back'): Promise<void> {
  const isSo = async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === status || undefined
  await until(`the rollout to be ${status}`, isSo, stopping.signal)
}
