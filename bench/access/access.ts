/**
 * Remote access over loopback: the round trip of a key in a terminal, the throughput of a tunnel beside that of a bare
 * relay of two TLS hops in the same run, the time to open a hundred terminals at once, and the effect of grants and
 * tunnels on everything else.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type AccessWish, SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { frameReader, writeFrame } from '@skerry/contract/access/shell-frame'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { idleGrantCost, tunnelEffect } from './access-load.ts'
import { startBareRelay } from './bare-relay.ts'

const DEVICE = 'press-1'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const

/** Typed keys; enough for the 99th percentile. */
const KEYS = 300

/** Long enough that the beginning of the connections does not count. */
const BYTES = 64 * 1024 * 1024

const TERMINALS = 100

const LIMITS = { idleMs: 600_000, pingMs: 30_000 }
const signal = new AbortController().signal

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-access-'))
  const hub = await startHub(await newHubHome(folder))
  const source = await startSource()
  const { port } = source.address() as AddressInfo
  const target = `127.0.0.1:${port}`
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const echoTarget = `127.0.0.1:${(echo.address() as AddressInfo).port}`
  const agent = await startAgent(hub, { site: SITE, device: DEVICE, folder, options: ['--allow-remote', 'shell,port'] })
  try {
    await hub.client.access.request({
      device: DEVICE,
      kinds: ['shell', 'port'],
      targets: [target, echoTarget],
      reason: 'a benchmark',
    })
    const roundTrip = await keyRoundTrip(hub)
    const tunnels: number[] = []
    const relays: number[] = []
    // In turns, so that a busy moment of the machine meets both.
    for (let turn = 0; turn < 3; turn += 1) {
      tunnels.push(await throughput(await open(hub, { kind: 'port', target })))
      await using relay = await startBareRelay(folder, port)
      relays.push(await throughput(await relay.connect()))
    }
    const [tunnelMbPerS, relayMbPerS] = [median(tunnels), median(relays)]
    const openMs = await openTerminals(hub)
    const effect = await tunnelEffect(hub, DEVICE, () => open(hub, { kind: 'port', target: echoTarget }))
    const idle = await idleGrantCost(hub, DEVICE)
    return {
      roundTripMs: roundTrip,
      tunnelMbPerS: Math.round(tunnelMbPerS),
      bareRelayMbPerS: Math.round(relayMbPerS),
      ratio: Number((tunnelMbPerS / relayMbPerS).toFixed(2)),
      [`open${TERMINALS}TerminalsMs`]: openMs,
      ...effect,
      ...idle,
    }
  } finally {
    source.close()
    echo.close()
    await agent.stop()
    await hub.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function open(hub: HubProgram, wish: AccessWish): Promise<Duplex> {
  const { session, ticket } = await hub.client.access.open({ device: DEVICE, wish })
  const url = `${hub.url}${SESSION_STREAM_PATH}/${session.id}`
  const dialled = await dialSocket(
    url,
    { protocols: [SESSION_PROTOCOL, ticket], messageBytesMax: STREAM_MESSAGE_MAX },
    signal,
  )
  if (!dialled.ok) throw new Error(`${dialled.code}: ${dialled.message}`)
  return socketStream(dialled.socket, LIMITS)
}

/** The terminal echoes each key by itself. */
async function keyRoundTrip(hub: HubProgram) {
  const stream = await open(hub, { kind: 'shell', terminal: { columns: 80, rows: 24 }, command: 'cat' })
  const read = frameReader()
  let heard = () => {}
  stream.on('data', (piece: Buffer) => {
    if (read(piece).length > 0) heard()
  })
  const times: number[] = []
  for (let key = 0; key < KEYS; key += 1) {
    const echo = new Promise<void>((resolve) => {
      heard = resolve
    })
    const startMs = performance.now()
    stream.write(writeFrame('input', Buffer.from('x')))
    await echo
    times.push(performance.now() - startMs)
  }
  stream.destroy()
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2))
  return { p50: at(0.5), p99: at(0.99) }
}

/** Megabytes a second. */
async function throughput(stream: Duplex): Promise<number> {
  let bytes = 0
  const startMs = performance.now()
  stream.on('data', (piece: Buffer) => {
    bytes += piece.byteLength
  })
  await once(stream, 'end')
  stream.destroy()
  if (bytes !== BYTES) throw new Error(`${bytes} bytes came instead of ${BYTES}`)
  return bytes / 1e6 / ((performance.now() - startMs) / 1_000)
}

/** A program on the device that sends the bytes to whoever connects. */
async function startSource(): Promise<Server> {
  const piece = Buffer.alloc(256 * 1024, 'skerry')
  const server = createServer((socket) => {
    let left = BYTES
    socket.on('error', () => undefined)
    const send = () => {
      while (left > 0) {
        left -= piece.byteLength
        if (!socket.write(piece)) return void socket.once('drain', send)
      }
      socket.end()
    }
    send()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function openTerminals(hub: HubProgram): Promise<number> {
  const startMs = performance.now()
  const streams = await Promise.all(
    Array.from({ length: TERMINALS }, async () => {
      const stream = await open(hub, { kind: 'shell', terminal: { columns: 80, rows: 24 }, command: 'echo here; cat' })
      await once(stream, 'data')
      return stream
    }),
  )
  const ms = Math.round(performance.now() - startMs)
  for (const stream of streams) stream.destroy()
  return ms
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
