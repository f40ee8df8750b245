/**
 * fleet, the simulator's process: joins the devices, connects them to a bare server for the baseline and then to the
 * hub, and reports their observations. It takes orders over the pipe from the benchmark, one at a time.
 */
import { type Fleet, type FleetOptions, openFleet, simulatedInventory } from '@skerry/agent/simulator/fleet'
import { type JoinedFleet, joinFleet } from '@skerry/agent/simulator/fleet-joining'
import { systemClock } from '@skerry/platform/process/clock'
import { WebSocket } from 'ws'

export type Order =
  | { kind: 'join'; token: string; count: number; seed: number }
  /** Connects every device to the bare server and receives one echo; gives the milliseconds. All stay until `leave`. */
  | { kind: 'baseline'; url: string; ca: string; atOnce: number }
  /** Connects them likewise; each stays, and answers one request. */
  | { kind: 'stay'; url: string; ca: string; atOnce: number }
  | { kind: 'leave' }
  | ({ kind: 'open' } & Pick<
      FleetOptions,
      'seed' | 'shares' | 'failingVersions' | 'requestsPerSecond' | 'takesJobs' | 'hasMonitors'
    >)
  | { kind: 'start'; atOnce: number }
  /** Ends all devices and their links. */
  | { kind: 'end' }
  | { kind: 'census'; sinceMs: number }
  | { kind: 'figures' | 'watching' | 'truth' | 'now' }

let joined: JoinedFleet | undefined
let fleet: Fleet | undefined
let bare: WebSocket[] = []

/** A report of a device with one model has as many bytes. */
const ECHO = JSON.stringify({ filling: 'x'.repeat(900) })

/** A result with its output likewise. */
const ANSWER = JSON.stringify({ answer: 'x'.repeat(300) })

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'join':
      return join(order)
    case 'baseline':
      return timed(async () => {
        bare = await connectAllBare(order)
      })
    case 'stay':
      bare = await connectAllBare(order)
      for (const socket of bare) socket.on('message', () => socket.send(ANSWER))
      return undefined
    case 'leave':
      return leave(bare)
    case 'open':
      if (!joined) throw new Error('join first')
      fleet = openFleet({ ...order, joined, clock: systemClock })
      return undefined
    case 'start':
      return timed(() => fleet?.start(order.atOnce) ?? Promise.resolve())
    case 'end':
      await fleet?.[Symbol.asyncDispose]()
      return undefined
    case 'census':
      return fleet?.census(order.sinceMs)
    case 'figures':
      return fleet?.figures()
    case 'watching':
      return fleet?.watching()
    case 'truth':
      return fleet?.truth()
    case 'now':
      return systemClock.monotonicMs()
  }
}

async function join({ token, count, seed }: Extract<Order, { kind: 'join' }>) {
  const joining = {
    tokens: [token] as const,
    nameOf: (index: number) => `sim-${seed}-${index}`,
    inventoryOf: simulatedInventory,
    count,
    onJoined: () => {},
  }
  return timed(async () => {
    const result = await joinFleet(joining, new AbortController().signal)
    if (!result.ok) throw new Error(result.message)
    joined = result
  })
}

async function connectAllBare({ url, ca, atOnce }: { url: string; ca: string; atOnce: number }) {
  const members = [...(joined?.members ?? [])]
  const sockets: WebSocket[] = []
  let next = 0
  const work = async () => {
    for (let member = members[next++]; member; member = members[next++]) {
      sockets.push(await connectBare({ url, ca, cert: member.certificate, key: member.privateKey }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return sockets
}

function leave(sockets: readonly WebSocket[]): void {
  for (const socket of sockets) socket.terminate()
}

/** With the options of the agent's own link. */
function connectBare({ url, ...credentials }: { url: string; ca: string; cert: string; key: string }) {
  const options = { ...credentials, minVersion: 'TLSv1.3' as const, perMessageDeflate: false }
  const socket = new WebSocket(url, options)
  return new Promise<WebSocket>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send(ECHO))
    socket.once('message', () => resolve(socket))
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ answer: 'ready' })
