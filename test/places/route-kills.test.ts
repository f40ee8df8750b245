/**
 * Routes under random kills: agents and gateways die under load, no answer is wrong, and each lost request is told.
 *
 * @module-tag deep Twelve kills wait for twelve starts; test/places/routes.test.ts kills one device under load.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { type Program, startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'dose'
const KILLS = 12
const LANES = 6

test('agents and gateways are killed at random under load', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-route-kills-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const hub = stack.use(await startHub(await newHubHome(folder)))
  const agents = await Promise.all(['north', 'south'].map((site) => startPlace(hub, site, folder)))
  stack.defer(async () => void (await Promise.all(agents.map((agent) => agent.stop()))))
  await pushModel(hub, {
    name: NAME,
    bytes: negation(),
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  await hub.client.deployment.apply({ name: NAME, deployable: NAME, probation: { seconds: 0 } })
  await until(async () => (await hub.client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  await hub.client.route.set({ name: NAME, spec: { model: NAME, prefer: 'least', breaker: { openMs: 500 } } })
  const ports = [await freePort(), await freePort()]
  const gateways = ports.map((port) => startGateway(hub, folder, port))
  stack.defer(async () => void (await Promise.all(gateways.map((gateway) => gateway.stop()))))
  await Promise.all(gateways.map((gateway) => gateway.waitFor('gateway_ready')))
  await until(async () => (await ask(hub, ports[0] ?? 0, 1)).status === 200)

  const answers: Answer[] = []
  let isOver = false
  const load = Array.from({ length: LANES }, async (_, lane) => {
    for (let x = lane; !isOver; x += LANES) answers.push(await ask(hub, ports[x % 2] ?? 0, x))
  })
  for (let kill = 0; kill < KILLS; kill++) {
    const at = Math.floor(Math.random() * 2)
    if (Math.random() < 0.6) {
      await agents[at]?.kill()
      const again = await agents[at]?.again()
      if (again) agents[at] = again
    } else {
      await gateways[at]?.kill()
      const next = startGateway(hub, folder, ports[at] ?? 0)
      gateways[at] = next
      await next.waitFor('gateway_ready')
    }
    const seen = answers.length
    await until(async () => answers.slice(seen).filter(({ status }) => status === 200).length > 100)
  }
  isOver = true
  await Promise.all(load)
  const good = answers.filter(({ status }) => status === 200)
  expect(good.filter(({ x, y }) => Math.abs(y ?? -1) !== x)).toEqual([])
  // Status 0 is a broken connection: a gateway was killed, and its callers saw it.
  expect(answers.filter(({ status }) => ![200, 0, 429, 503].includes(status))).toEqual([])
  expect(good.length).toBeGreaterThan(KILLS * 100)
})

async function startPlace(hub: HubProgram, site: string, folder: string): Promise<AgentProgram> {
  const address = `127.0.0.1:${await freePort()}`
  const options = ['--listen', address, '--serve-address', `http://${address}`]
  return startAgent(hub, { site: { name: site, kind: 'edge' }, device: `${site}-1`, folder, options })
}

const startGateway = (hub: HubProgram, folder: string, port: number): Program =>
  startProgram({
    name: `gateway-${port}`,
    entry: 'apps/cli/src/main.ts',
    args: [
      ...['gateway', '--name', `gateway-${port}`, '--listen', `127.0.0.1:${port}`],
      ...['--data', join(folder, `gateway-${port}`)],
    ],
    logFolder: folder,
    env: { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath },
  })

type Answer = { x: number; status: number; y: number | undefined }

async function ask(hub: HubProgram, port: number, x: number): Promise<Answer> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] })
  const headers = { authorization: `Bearer ${hub.connection.key}` }
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v2/models/${NAME}/infer`, { method: 'POST', body, headers })
    const read = (await response.json()) as { outputs?: { data: number[] }[] }
    return { x, status: response.status, y: read.outputs?.[0]?.data[0] }
  } catch {
    return { x, status: 0, y: undefined }
  }
}

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
