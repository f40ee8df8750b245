/**
 * Routes over a network that really fails: hub, devices and gateway are computers of their own, whose packets are lost, cut
 * and held up at borders. No answer is wrong, each lost request is told, and no payload crosses a forbidden border.
 *
 * @module-tag deep Six computers and ten faults take minutes; test/places/routes.test.ts kills one device under load.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteSpec } from '@skerry/contract/routes/route'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { type Namespaces, namespacesLack, openNamespaces } from '@skerry/testkit/faults/namespaces'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import type * as z from 'zod'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'dose'
const SITES = {
  lyon: { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'confidential' },
  paris: { name: 'paris', kind: 'cloud', country: 'FR', clearance: 'confidential' },
  boston: { name: 'boston', kind: 'cloud', country: 'US', clearance: 'confidential' },
} as const
const COMPUTERS = ['hub', 'gateway', ...Object.keys(SITES)] as const

const LANES = 4

/** Answers after each fault, and again after its end, before the next one. */
const ANSWERS_MIN = 40

/** Each request carries it, so that a listener recognises a payload. No other packet has it. */
const PAYLOAD = 'patient-4711-'

type Faults = Readonly<Record<string, (net: Namespaces, agents: Record<string, AgentProgram>) => unknown>>

/** Each leaves one device of the European Union that the gateway reaches. */
const FAULTS: Faults = {
  'the gateway and Lyon hear nothing of each other': (net) => net.partition('gateway', 'lyon'),
  'the cable of Paris is pulled': (net) => net.cut('paris'),
  'Lyon loses a third of its packets': (net) => net.lose('lyon', 0.33),
  'the gateway loses a tenth of its packets': (net) => net.lose('gateway', 0.1),
  'the hub is cut off': (net) => net.cut('hub'),
  'Paris and the hub hear nothing of each other': (net) => net.partition('paris', 'hub'),
  'the gateway and the hub hear nothing of each other': (net) => net.partition('gateway', 'hub'),
  'the agent of Lyon is killed': (_, { lyon }) => lyon?.kill(),
  'Lyon is cut off while Paris loses a fifth': (net) => [net.cut('lyon'), net.lose('paris', 0.2)],
  'the gateway and Paris hear nothing of each other': (net) => net.partition('paris', 'gateway'),
}

const lack = namespacesLack()

test.skipIf(lack !== undefined)('packets are lost and borders are closed, under load', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-route-partitions-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const net = stack.use(openNamespaces(COMPUTERS))
  const home = { ...(await newHubHome(folder)), host: net.address('hub'), under: net.under('hub') }
  const hub = stack.use(await startHub(home))
  const agents: Record<string, AgentProgram> = {}
  stack.defer(async () => void (await Promise.all(Object.values(agents).map((agent) => agent.stop()))))
  for (const site of Object.values(SITES)) agents[site.name] = await startPlace(hub, net, { site, folder })
  await pushModel(hub, {
    name: NAME,
    bytes: negation(),
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  await hub.client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await until(async () => (await hub.client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  const spec: z.input<typeof RouteSpec> = {
    model: NAME,
    prefer: 'least',
    dataClass: 'confidential',
    residency: ['EU'],
    breaker: { openMs: 500 },
    timeoutMs: 5_000,
  }
  await hub.client.route.set({ name: NAME, spec })
  const url = `http://${net.address('gateway')}:8600`
  const gateway = stack.use(startGateway(hub, net, folder))
  await gateway.waitFor('gateway_ready')
  await until(async () => (await ask(hub, url, 1)).status === 200)
  const ears = Object.fromEntries(
    await Promise.all(COMPUTERS.map(async (name) => [name, await net.listen(name, PAYLOAD)] as const)),
  )

  const answers: Answer[] = []
  let isOver = false
  const load = Array.from({ length: LANES }, async (_, lane) => {
    for (let x = lane; !isOver; x += LANES) answers.push(await ask(hub, url, x))
  })
  const manyGood = async () => {
    const seen = answers.length
    await until(async () => answers.slice(seen).filter(({ status }) => status === 200).length >= ANSWERS_MIN)
  }
  for (const [words, begin] of shuffled(Object.entries(FAULTS))) {
    await begin(net, agents)
    await manyGood().catch((cause: unknown) => Promise.reject(new Error(`no answers while ${words}`, { cause })))
    for (const name of COMPUTERS) net.heal(name)
    if (words.endsWith('killed') && agents.lyon) agents.lyon = await agents.lyon.again()
    await manyGood()
  }
  // At the end all is as before: both places of the European Union answer.
  const seen = answers.length
  await until(async () => new Set(answers.slice(seen).map(({ place }) => place)).size >= 2)
  isOver = true
  await Promise.all(load)

  const good = answers.filter(({ status }) => status === 200)
  expect(good.filter(({ x, y, id }) => Math.abs(y ?? -1) !== x || id !== `${PAYLOAD}${x}`)).toEqual([])
  // The caller is on a network without faults of its own, but shares that of the gateway.
  expect(answers.filter(({ status }) => ![200, 0, 429, 503, 504].includes(status))).toEqual([])
  const heard: Record<string, number> = {}
  for (const name of COMPUTERS) heard[name] = (await ears[name]?.end()) ?? -1
  expect(heard).toMatchObject({ hub: 0, boston: 0 })
  // The listeners hear payloads where they may be, so their silence elsewhere says something.
  for (const name of ['gateway', 'lyon', 'paris']) expect(heard[name], name).toBeGreaterThan(ANSWERS_MIN)
})

type Placing = { site: (typeof SITES)[keyof typeof SITES]; folder: string }

function startPlace(hub: HubProgram, net: Namespaces, { site, folder }: Placing): Promise<AgentProgram> {
  const address = `${net.address(site.name)}:8500`
  const options = ['--listen', address, '--serve-address', `http://${address}`]
  return startAgent(hub, { site, device: `${site.name}-1`, folder, options, under: net.under(site.name) })
}

const startGateway = (hub: HubProgram, net: Namespaces, folder: string) =>
  startProgram({
    name: 'gateway',
    entry: 'apps/cli/src/main.ts',
    args: [
      ...['gateway', '--site', 'lyon', '--listen', `${net.address('gateway')}:8600`, '--plain'],
      ...['--data', join(folder, 'gateway')],
    ],
    logFolder: folder,
    env: { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath },
    under: net.under('gateway'),
  })

type Answer = { x: number; status: number; y: number | undefined; id: string | undefined; place: string | null }

/** A caller waits longer than the gateway. */
const CALLER_MS = 20_000

async function ask(hub: HubProgram, url: string, x: number): Promise<Answer> {
  const inputs = [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }]
  const body = JSON.stringify({ id: `${PAYLOAD}${x}`, inputs })
  const headers = { authorization: `Bearer ${hub.connection.key}` }
  const signal = AbortSignal.timeout(CALLER_MS)
  try {
    const response = await fetch(`${url}/v2/models/${NAME}/infer`, { method: 'POST', body, headers, signal })
    const read = (await response.json()) as { id?: string; outputs?: { data: number[] }[] }
    const place = response.headers.get('skerry-place')
    return { x, status: response.status, y: read.outputs?.[0]?.data[0], id: read.id, place }
  } catch {
    return { x, status: 0, y: undefined, id: undefined, place: null }
  }
}

/** Another order in each run: faults leave traces, such as breakers and kept connections. */
const shuffled = <One>(all: readonly One[]): One[] =>
  all
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)

/** The model turns the sign of its input. */
const negation = () =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )
