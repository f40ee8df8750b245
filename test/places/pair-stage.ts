/**
 * Pair stage: a site of three computers with network namespaces of their own, two of which are a pair, and a Modbus
 * server by other people as its equipment. All its requests pass a meter that notes the writer and the time of each write.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pair } from '@skerry/contract/pairs/pair'
import { type Namespaces, openNamespaces } from '@skerry/testkit/faults/namespaces'
import { startModbus } from '@skerry/testkit/peers/modbus-peer'
import { until } from '@skerry/testkit/until'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { processesIn } from '../../examples/stage/processes.ts'
import { pushFiles } from '../../examples/stage/push.ts'

const NAMES = ['a', 'b', 'w'] as const
export type Member = 'a' | 'b'
type Name = (typeof NAMES)[number]

const SITE = { name: 'plant', kind: 'edge' } as const
const PAIR = 'press-line'
const DOOR = 8_700
const REST = 8_500

/** A write as the equipment got it. */
export type Write = { by: Name; atMs: number }

export type PairStage = AsyncDisposable & {
  /** The logs of the programs, by name. */
  folder: string
  hub: HubProgram
  net: Namespaces
  agents: Record<Name, AgentProgram>
  writes: Write[]
  pair(): Promise<Pair>
  /** Resolves when all three devices are at work, and the hub knows it. */
  isReady(): Promise<void>
  /** The active device, as the hub knows it. */
  active(): Promise<Member>
  /** The computers that have the virtual address now. */
  holders(): Member[]
  /** Whether the virtual address leads to a server of models. */
  serves(): Promise<boolean>
  /** The processes of an agent: control first, then its runner. */
  processes(name: Name): number[]
  /** All processes of the agent end at once, as in a power cut. */
  kill(name: Name): Promise<void>
  /** Resolves when the member has written `count` more times. */
  writesOf(name: Member, count?: number): Promise<void>
}

/** The pair is declared, and one of it writes to the equipment. */
export async function openPairStage(): Promise<PairStage> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-pair-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const net = stack.use(openNamespaces(['hub', ...NAMES]))
  const home = { ...(await newHubHome(folder)), host: net.address('hub'), under: net.under('hub') }
  const hub = stack.use(await startHub(home))
  const peer = stack.use(await startModbus())
  const writes: Write[] = []
  const nameAt = (address: string) => NAMES.find((name) => net.address(name) === address)
  const meter = stack.use(await openMeter({ host: net.here, to: peer.port, nameAt, writes }))
  const agents = {} as Record<Name, AgentProgram>
  stack.defer(async () => void (await Promise.all(Object.values(agents).map((agent) => agent.stop()))))
  for (const name of NAMES) agents[name] = await startMember(hub, net, { name, folder })
  const virtual = `${net.here.split('.').slice(0, 3).join('.')}.50`
  await declare(hub, { host: net.here, port: meter.port, virtual })
  const pair = () => hub.client.pair.get({ name: PAIR })
  const moved = stack.move()
  const stage: PairStage = {
    folder,
    hub,
    net,
    agents,
    writes,
    pair,
    async isReady() {
      await until(async () => (await pair()).state === 'protected', { what: 'a protected pair', seen: pair })
    },
    async active() {
      const { active } = await pair()
      if (active?.device !== 'a' && active?.device !== 'b') throw new Error('the hub knows no active device')
      return active.device
    },
    holders: () => (['a', 'b'] as const).filter((name) => addressesOf(net, name).includes(`${virtual}/`)),
    serves: () =>
      fetch(`http://${virtual}:${REST}/v2/health/live`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(400),
      }).then(
        ({ ok }) => ok,
        () => false,
      ),
    processes: (name) => processesIn(join(folder, name)),
    async kill(name) {
      for (const pid of processesIn(join(folder, name))) endProcess(pid)
      await agents[name].kill()
    },
    async writesOf(name, count = 3) {
      const from = writes.length
      await until(() => writes.slice(from).filter(({ by }) => by === name).length >= count, {
        what: `${count} writes of ${name}`,
      })
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
  return stage
}

function startMember(hub: HubProgram, net: Namespaces, { name, folder }: { name: Name; folder: string }) {
  const options = [
    ...['--listen', `0.0.0.0:${REST}`, '--grpc', '0.0.0.0:8501'],
    ...['--pair', `${net.address(name)}:${DOOR}`],
  ]
  return startAgent(hub, { site: SITE, device: name, folder, options, under: [...PREFERRED, ...net.under(name)] })
}

/**
 * The three computers have a processor each, and a lease has two seconds. So their programs go before all others of a
 * busy machine, also where the kernel shares time between sessions. A machine that allows no such order goes on without.
 */
const PREFERRED = ['sh', '-c', '{ echo -15 > /proc/self/autogroup; } 2>/dev/null; exec nice -n -15 "$@"', 'sh'] as const

type Plant = { host: string; port: number; virtual: string }

/** Both members get the same sources and the same flow, as all devices of a selector do. */
async function declare(hub: HubProgram, { host, port, virtual }: Plant): Promise<void> {
  const { client } = hub
  const spec = { members: ['a', 'b'] as [string, string], witness: 'w', address: `${virtual}/24`, interface: 'cable' }
  // The doors are in the reports of the devices.
  await until(
    () =>
      client.pair.create({ name: PAIR, spec }).then(
        () => true,
        () => false,
      ),
    { what: 'the pair' },
  )
  for (const source of [SIGNAL, plcAt(host, port)]) {
    const scopes = ['device:a', 'device:b']
    for (const scope of scopes) await client.source.set({ name: source.name, scope, spec: source })
  }
  await pushFiles(hub, { name: 'follow', contents: { 'flow.json': new TextEncoder().encode(JSON.stringify(FLOW)) } })
  await client.deployment.apply({
    name: 'follow',
    deployable: 'follow',
    selector: 'device.name in ["a", "b"]',
    probation: { seconds: 0 },
  })
}

const SIGNAL = {
  name: 'signal',
  protocol: 'simulator',
  groups: [
    {
      name: 'process',
      everyMs: 50,
      tags: [{ name: 'level', signal: { kind: 'sine', mean: 50, amplitude: 40, periodSeconds: 5 } }],
    },
  ],
}

const plcAt = (host: string, port: number) => ({
  name: 'plc',
  protocol: 'modbus',
  connection: { host, port, unit: 1, timeoutMs: 500 },
  groups: [
    {
      name: 'all',
      everyMs: 500,
      tags: [
        { name: 'setpoint', address: 'holding:500', type: 'float32', write: { min: 0, max: 100, perMinute: 6_000 } },
      ],
    },
  ],
})

const FLOW = {
  name: 'follow',
  inputs: [{ name: 'level', source: 'signal', tag: 'level' }],
  steps: [
    { name: 'last', kind: 'window', by: 'count', from: 'level', samples: 2 },
    { name: 'mean', kind: 'statistics', from: 'last', of: ['mean'] },
  ],
  sinks: [{ name: 'setpoint', kind: 'tag', from: 'mean', source: 'plc', tag: 'setpoint' }],
}

type Meter = { host: string; to: number; nameAt(address: string): Name | undefined; writes: Write[] }

/** [Modbus Application Protocol 6.12] Writes of several registers. */
const WRITE_REGISTERS = 16

/** [Modbus TCP 3.1.3] The function follows a header of seven bytes. */
const FUNCTION_AT = 7

/** Passes everything on, and notes each write with its sender. */
async function openMeter({ host, to, nameAt, writes }: Meter): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const by = nameAt(client.remoteAddress ?? '')
    const equipment = connect({ host: '127.0.0.1', port: to, noDelay: true })
    for (const [one, other] of [
      [client, equipment],
      [equipment, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
    client.on('data', (bytes) => {
      // One request at a time: the connection of the device sends no other before the answer.
      if (by && bytes[FUNCTION_AT] === WRITE_REGISTERS) writes.push({ by, atMs: performance.now() })
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A program of the agent, such as `ip`, may have ended since the look. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const addressesOf = (net: Namespaces, name: Name): string => {
  const [program = '', ...words] = [...net.under(name), 'ip', '-4', '-o', 'address', 'show', 'dev', 'cable']
  return execFileSync(program, words, { encoding: 'utf8' })
}

/** The turns between writers, if there are more of them than moves of the pair. Two active ones would alternate. */
export function overlaps(writes: readonly Write[], moves: number): string[] {
  const turns = writes.filter(({ by }, at) => at > 0 && writes[at - 1]?.by !== by)
  return turns.length <= moves ? [] : turns.map(({ by, atMs }) => `${by} at ${Math.round(atMs)}`)
}
