/** Gates with real processes: measurements find versions that pass their golden cases and fail at their work. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Analysis } from '@skerry/contract/deployments/analysis'
import { parseAnalyses } from '@skerry/core/analysis/analysis-text'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../examples/stage/push.ts'

const DEVICES = ['press-1', 'press-2'] as const
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const SECRET = 'a secret of the whole plant'

let folder: string
let home: HubHome
let hub: HubProgram
let agents: AgentProgram[]
let judge: Server
/** The answer of the webhook, and the requests to it. */
let answer: object = {}
const asked: { signature: unknown; text: string }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-gates-'))
  judge = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push({ signature: request.headers['skerry-signature'], text })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await once(judge.listen(0, '127.0.0.1'), 'listening')
  const secretFile = join(folder, 'webhook-secret')
  await writeFile(secretFile, `${SECRET}\n`)
  const args = ['--webhook-allow', judgeHost(), '--webhook-secret-file', secretFile]
  home = { ...(await newHubHome(folder)), args }
  hub = await startHub(home)
  agents = await Promise.all(DEVICES.map((device) => startAgent(hub, { site: SITE, device, folder })))
  for (const kind of ['quick', 'slow', 'failing'] as const) await push(kind)
  await deploy('1', [], 'done')
})

afterAll(async () => {
  for (const agent of agents ?? []) await agent.stop()
  await hub?.stop()
  judge?.close()
  await rm(folder, { recursive: true, force: true })
})

const judgeHost = () => `127.0.0.1:${(judge.address() as AddressInfo).port}`

/** Products of this side take milliseconds each, while a Relu alone takes some tens of microseconds. */
const SIDE = 64
const PRODUCTS = 1_000

const tensor = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, -1] })
const node = (operator: string, inputs: string[], output: string) => ({ operator, inputs, outputs: [output] })

/** All give 0 for 0. The slow one takes its time; the failing one can only do the square that its golden case has. */
const NODES = {
  quick: () => [node('Relu', ['x'], 'y')],
  slow: () =>
    Array.from({ length: PRODUCTS }, (_, at) =>
      node('MatMul', [at === 0 ? 'x' : `p${at - 1}`, 'x'], at === PRODUCTS - 1 ? 'y' : `p${at}`),
    ),
  failing: () => [node('MatMul', ['x', 'two'], 'y')],
}

async function push(kind: keyof typeof NODES): Promise<void> {
  const two = { name: 'two', datatype: 'FP32' as const, shape: [2, 2], data: new Uint8Array(16) }
  const initialisers = kind === 'failing' ? [two] : []
  const model = buildModel({ inputs: [tensor('x')], outputs: [tensor('y')], nodes: NODES[kind](), initialisers })
  const golden = { cases: [{ inputs: { x: floatTensor([2, 2], [0, 0, 0, 0]) } }] }
  await pushModel(hub, { name: 'press', bytes: new Uint8Array(writeModel(model)), golden })
}

/** Deploys to one device first, behind these gates, and waits for the end; the devices get requests all the while. */
async function deploy(version: string, gates: Analysis[], expected: string, onFailure = 'rollback-all' as const) {
  const waves = gates.length === 0 ? [] : [{ name: 'canary', limit: 1, analysis: gates }]
  const spec = { name: 'press', deployable: 'press', version, probation: { seconds: 0, failureRateMax: 1 } }
  await hub.client.deployment.apply({ ...spec, strategy: { waves, onFailure } })
  return standing(expected)
}

async function standing(expected: string) {
  const { rolloutId } = await hub.client.deployment.get({ deployment: 'press' })
  return vi.waitFor(
    async () => {
      await Promise.all(agents.map(work))
      const rollout = await hub.client.rollout.get({ rollout: rolloutId })
      expect(rollout.status, JSON.stringify(rollout.waves[0]?.analyses)).toBe(expected)
      return rollout
    },
    { timeout: PATIENCE_MS, interval: 50 },
  )
}

const ZEROS = JSON.stringify({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [SIDE, SIDE], data: Array.from({ length: SIDE * SIDE }, () => 0) }],
})

/** A few requests, one after the other, whatever becomes of them. */
async function work({ restUrl }: AgentProgram): Promise<void> {
  for (let times = 0; times < 20; times++) {
    const reply = await fetch(`${restUrl}/v2/models/press/infer`, { method: 'POST', body: ZEROS }).catch(
      () => undefined,
    )
    await reply?.arrayBuffer()
  }
}

/** A runner reports once a second on its versions; the next version is compared with the last report. */
const BEATS_MS = 6_000

async function workFor(ms: number): Promise<void> {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs) await Promise.all(agents.map(work))
}

async function servedVersions() {
  const devices = await Promise.all(DEVICES.map((device) => hub.client.device.get({ device })))
  return devices.map(({ items }) => items[0]?.serving?.version)
}

const gatesOf = (text: string): Analysis[] => {
  const analyses = parseAnalyses(text)
  if (!analyses) throw new Error(`no gates: ${text}`)
  return analyses
}

test('a version that is slower than the version before is rolled back, on each device by itself', async () => {
  await workFor(BEATS_MS)
  const gates = gatesOf(
    'latency p50_ratio < 5 every 1m x99 unsure 99; watched: latency p50_ratio < 0.001 every 1s x9 dry-run',
  )
  const [latency, watched] = gates
  const rollout = await deploy(
    '2',
    [{ ...(latency as Analysis), intervalSeconds: 1 }, watched as Analysis],
    'rolled-back',
  )
  expect(rollout.reason).toMatch(/^the analysis latency of wave canary failed: .* p50_ratio \d/)
  await vi.waitFor(async () => expect(await servedVersions()).toEqual([1, 1]), PATIENCE_MS)
})

test(
  'a version whose requests fail is rolled back, though its golden cases passed',
  deep('a variant of a gate that fails; the test above rolls back, too'),
  async () => {
    const rollout = await deploy(
      '3',
      gatesOf('errors: error-rate < 0.05 every 1s x99 unsure 99 requests 20'),
      'rolled-back',
    )
    expect(rollout.reason).toContain('analysis errors of wave canary failed')
    const { rows } = await hub.client.rollout.events({ rollout: rollout.id })
    expect(rows).toContainEqual(
      expect.objectContaining({ action: 'rollout.analysed', analysis: 'errors', verdict: 'failed' }),
    )
    await vi.waitFor(async () => expect(await servedVersions()).toEqual([1, 1]), PATIENCE_MS)
  },
)

test(
  'an undecided webhook pauses the rollout, a restarted hub continues its analysis, and a resume overrides it',
  deep('kills the hub while a gate asks; apps/hub/src/rollouts tests webhooks as gates'),
  async () => {
    answer = { result: { unknown: true } }
    const gates = gatesOf(
      `tests: webhook http://${judgeHost()}/gate \`result.passed\` every 1s x3; dry: restarts > 5 every 1s x2 dry-run`,
    )
    const { rolloutId } = await hub.client.deployment.get({ deployment: 'press' })
    const applied = hub.client.deployment.apply({
      name: 'press',
      deployable: 'press',
      version: '2',
      probation: { seconds: 0 },
      strategy: { waves: [{ name: 'canary', limit: 1, analysis: gates }], onFailure: 'rollback-all' },
    })
    expect((await applied).deployment.rolloutId).not.toBe(rolloutId)
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), PATIENCE_MS)
    await hub.kill()
    hub = await startHub(home)
    const paused = await standing('paused')
    expect(paused.reason).toContain('analysis tests of wave canary is inconclusive')
    const run = paused.waves[0]?.analyses?.[0]?.run
    expect(run).toMatchObject({ settled: 3, verdict: 'inconclusive', counts: { inconclusive: 3, failed: 0, error: 0 } })
    const dues = run?.last.map(({ dueAtMs }) => dueAtMs) ?? []
    expect(new Set(dues).size, 'nothing is counted twice').toBe(dues.length)
    const { alerts } = await hub.client.hub.alerts({})
    expect(alerts).toContainEqual(expect.objectContaining({ code: 'rollout_paused' }))

    const { signature, text } = asked.at(-1) ?? { signature: '', text: '' }
    const [, atMs, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(signature)) ?? []
    expect(hex).toBe(createHmac('sha256', SECRET).update(`${atMs}.${text}`).digest('hex'))
    expect(JSON.parse(text)).toMatchObject({ kind: 'rollout.analysis', analysis: 'tests', wave: { name: 'canary' } })

    await hub.client.rollout.resume({ rollout: paused.id, reason: 'looked at it' })
    const done = await standing('done')
    expect(done.waves[0]?.analyses?.map((one) => one.run?.isBorne ?? false)).toEqual([true, true])
    expect(await servedVersions()).toEqual([2, 2])
  },
)
