import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Client, connectivityState, credentials } from '@grpc/grpc-js'
import { until } from '@skerry/testkit/until'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { newHost, serve } from '../../test/fixture.ts'
import { startGrpcServer } from '../grpc/grpc-server.ts'
import { PORT_LIMITS } from './listen.ts'
import { startRestServer } from './rest-server.ts'

const IDENTITY = { name: 'skerry', version: '0.1.0' }

const host = newHost()
afterAll(() => host.close())

const LIMITS = { ...PORT_LIMITS, connectionsMax: 8, eachAddressMax: 4 }
/** No connection ends by its age within the test, so that only a newcomer can end it. */
const PATIENT = { ...LIMITS, firstRequestMs: 600_000, transferMs: 600_000, stallMs: 600_000 }
const HASTY = { ...LIMITS, firstRequestMs: 500, stallMs: 500 }

const doors = { REST: startRestServer, gRPC: startGrpcServer }
type Door = keyof typeof doors

async function open(door: Door, limits: typeof LIMITS): Promise<number> {
  const server = await doors[door]({ host, identity: IDENTITY, port: 0, limits })
  onTestFinished(() => server.close(0))
  return server.port
}

function connection(port: number, text = ''): Socket {
  const socket = connect(port, '127.0.0.1', () => void socket.write(text))
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket.resume()
}

/** A client that keeps its connection, and says by which one it was answered. */
type KeepAlive = { ask(): Promise<boolean> }

function restClient(port: number): KeepAlive & { ports: Set<number | undefined> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const ports = new Set<number | undefined>()
  const ask = () =>
    new Promise<boolean>((resolve) => {
      const asked = request({ port, path: '/v2/health/live', agent }, (response) => {
        ports.add(asked.socket?.localPort)
        response.resume().on('end', () => resolve(response.statusCode === 200))
      })
      asked.on('error', () => resolve(false)).end()
    })
  return { ask, ports }
}

function grpcClient(port: number): KeepAlive & { isConnected(): boolean } {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
  })
  onTestFinished(() => client.close())
  const asIs = (bytes: Buffer) => bytes
  const path = '/inference.GRPCInferenceService/ServerLive'
  const ask = () =>
    new Promise<boolean>((resolve) => {
      const deadline = new Date(Date.now() + 10_000)
      client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), { deadline }, (error) => resolve(error === null))
    })
  return { ask, isConnected: () => client.getChannel().getConnectivityState(false) === connectivityState.READY }
}

const clientOf = (door: Door, port: number) => (door === 'REST' ? restClient(port) : grpcClient(port))

test.each(['REST', 'gRPC'] as const)('silent connections to %s lock nobody out', async (door) => {
  const port = await open(door, PATIENT)
  const silent = Array.from({ length: 3 * LIMITS.eachAddressMax }, () => connection(port))
  await Promise.all(silent.map((socket) => socket.connecting && once(socket, 'connect')))
  await until(() => clientOf(door, port).ask())
})

test.each(['REST', 'gRPC'] as const)('silent connections to %s end within seconds', async (door) => {
  const port = await open(door, HASTY)
  const silent = [connection(port), connection(port, 'POST /v2'), connection(port, 'PRI * HTTP/2.0\r\n')]
  const ended = silent.map((socket) => once(socket, 'close'))
  await Promise.all(ended)
})

test('a body that stalls ends its connection, and a client that is active keeps its own', async () => {
  const port = await open('REST', HASTY)
  const active = restClient(port)
  expect(await active.ask()).toBe(true)
  const head = 'POST /v2/repository/index HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{'
  let isOver = false
  connection(port, head).on('close', () => {
    isOver = true
  })
  for (let index = 0; index < 3; index++) connection(port)
  await until(async () => {
    expect(await active.ask()).toBe(true)
    return isOver
  })
  expect(active.ports.size).toBe(1)
})

test('a gRPC client that has asked keeps its connection longer than a silent one', async () => {
  const port = await open('gRPC', HASTY)
  const client = grpcClient(port)
  expect(await client.ask()).toBe(true)
  await once(connection(port), 'close')
  expect(client.isConnected()).toBe(true)
})

test('answers that nobody reads are bounded, and one that is read makes room', async () => {
  await serve(host, 'identity-uint8')
  // More than the system keeps of an answer for its client.
  const size = 16 * 1024 * 1024
  const server = await startRestServer({ host, identity: IDENTITY, port: 0, answerBytesMax: 1.5 * size })
  onTestFinished(() => server.close(0))
  const input = { name: 'x', shape: [1, size], datatype: 'UINT8', parameters: { binary_data_size: size } }
  const json = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs: [input] }))
  const body = Buffer.concat([json, new Uint8Array(size)])
  const headers = { 'Inference-Header-Content-Length': `${json.length}` }
  const ask = () =>
    fetch(`http://127.0.0.1:${server.port}/v2/models/identity-uint8/infer`, { method: 'POST', headers, body })
  const unread = await ask()
  expect(unread.status).toBe(200)
  const refused = await ask()
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { error: 'too many large answers are in transfer: try again later' },
  ])
  expect((await unread.arrayBuffer()).byteLength).toBeGreaterThan(size)
  await until(async () => (await ask()).status === 200)
})
