/**
 * Routing overhead: the latency of a request for a model of an app through the endpoint of the agent, against that of the
 * same request straight to the server in the container. Both take turns, over a kept connection.
 */
import { Agent, request } from 'node:http'
import { appFiles } from '@skerry/testkit/containers/app-files'
import { nodeImage } from '@skerry/testkit/containers/node-image'
import { freePort } from '@skerry/testkit/free-port'
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'
import { summary } from '../serve-parts/serve-latency.ts'

/** Blocks of each side, in turns, so that load of the machine meets both. */
const BLOCKS = 20
const REQUESTS = 250

/** A request of an application: sixteen values. */
const VALUES = 16

const PORT = 8000

/** It answers at once, so that the difference is that of the agent. */
const SERVER = `import { createServer } from 'node:http'
const x = { name: 'x', datatype: 'FP32', shape: [-1, ${VALUES}] }
const answer = (response, body) => {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}
createServer(async (request, response) => {
  if (request.url === '/v2/health/ready') return answer(response, {})
  if (request.method === 'GET') return answer(response, { name: 'same', inputs: [x], outputs: [{ ...x, name: 'y' }] })
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  const [input] = JSON.parse(Buffer.concat(pieces).toString()).inputs
  answer(response, { model_name: 'same', outputs: [{ ...input, name: 'y' }] })
}).listen(${PORT})
`

const SERVED = {
  v: 1,
  app: 'echo',
  model: 'same',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, VALUES] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, VALUES] }],
}

type Bench = { hub: HubProgram; agent: AgentProgram; untilActive(name: string, version: number): Promise<void> }

/** The difference of both medians, in milliseconds. */
export async function measureRouting({ hub, agent, untilActive }: Bench): Promise<object> {
  const port = await freePort()
  const server = {
    image: await nodeImage(SERVER),
    stopSignal: 'SIGKILL',
    resources: { memoryBytes: 256 * 1024 ** 2, cpus: 2, pids: 64 },
    ports: [{ host: port, container: PORT, protocol: 'tcp' as const, address: '127.0.0.1' }],
    serves: [{ model: 'same', port: PORT, protocol: 'oip' as const }],
  }
  await untilActive('echo', await deployed(hub, 'echo', appFiles({ server })))
  await untilActive('same', await deployed(hub, 'same', { 'served.json': JSON.stringify(SERVED) }))
  const [own, bare] = [agent.restUrl, `http://127.0.0.1:${port}`]
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const times = { own: [] as number[], bare: [] as number[] }
  for (let block = 0; block <= BLOCKS; block++) {
    for (const [side, place] of [['own', own] as const, ['bare', bare] as const]) {
      const found = await measureBlock(kept, place)
      // The first block compiles the code of all programs.
      if (block > 0) times[side].push(...found)
    }
  }
  kept.destroy()
  await hub.client.deployment.remove({ deployment: 'same' })
  await hub.client.deployment.remove({ deployment: 'echo' })
  const [ownMs, bareMs] = [summary(times.own, 1).p50Ms, summary(times.bare, 1).p50Ms]
  return { routedP50Ms: rounded(ownMs), bareP50Ms: rounded(bareMs), routingOverheadP50Ms: rounded(ownMs - bareMs) }
}

const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000

async function deployed(hub: HubProgram, name: string, files: Record<string, Buffer | string>): Promise<number> {
  const version = await pushFiles(hub, name, files)
  await hub.client.deployment.apply({ name, deployable: name, version: String(version), probation: { seconds: 0 } })
  return version
}

async function measureBlock(agent: Agent, place: string): Promise<number[]> {
  const times: number[] = []
  for (let count = 0; count < REQUESTS; count++) {
    const startMs = performance.now()
    await infer(agent, place)
    times.push(performance.now() - startMs)
  }
  return times
}

const BODY = JSON.stringify({
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [1, VALUES], data: Array.from({ length: VALUES }, (_, at) => at / 2) },
  ],
})

const infer = (agent: Agent, place: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) }
    const sent = request(`${place}/v2/models/same/infer`, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`${place} answered ${response.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(BODY)
  })
