/**
 * front: how long a healthy client waits while 16 hostile connections send large bodies of JSON: without a key, to an
 * unknown path, and with a valid key. Quiet and hostile times take turns, so that other work on the machine counts for
 * both; the ratio is that of their p99. The run time and the waiting time of the hub's one thread for all requests
 * distinguish a busy hub from a busy machine.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HubProgram, newHubHome, startHub } from '../examples/stage/fleet.ts'
import type { Hostility } from './front-parts/front-hostile.ts'
import { median, summary } from './serve-parts/serve-latency.ts'

const ROUNDS = 3
const ROUND_MS = 4_000

/** As often as a console with all its tiles sends requests. */
const EVERY_MS = 5

/** The path and whether a key is shown, of each kind of hostile body. */
const KINDS = {
  withoutKey: { method: 'POST', path: '/v1/models/x/versions', hasKey: false },
  unknownPath: { method: 'POST', path: '/v1/none', hasKey: false },
  inferWithKey: { method: 'POST', path: '/v1/devices/x/models/y/infer', hasKey: true },
  pushWithKey: { method: 'POST', path: '/v1/models/x/versions', hasKey: true },
} as const

type Kind = keyof typeof KINDS

type Round = { quietMs: number; hostileMs: number; ratio: number; ranShare: number; waitedShare: number }

/** Runs the benchmark; a minute. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-front-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    const ca = await readFile(hub.authorityPath, 'utf8')
    const key = (await readFile(join(folder, 'owner-key'), 'utf8')).trim()
    // The first warms up: code is compiled, and threads are started.
    await measureKind(hub, { ca, key }, 'inferWithKey', 1)
    const figures: Record<string, object> = {}
    for (const kind of Object.keys(KINDS) as Kind[]) figures[kind] = await measureKind(hub, { ca, key }, kind, ROUNDS)
    return { benchmark: 'front', connections: 16, ...figures }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Door = { ca: string; key: string }

async function measureKind(hub: HubProgram, door: Door, kind: Kind, count: number) {
  const rounds: Round[] = []
  for (let round = 0; round < count; round++) {
    const quietMs = await p99Of(hub.url, door)
    const { hasKey, ...target } = KINDS[kind]
    const hostility: Hostility = { ...target, url: hub.url, ca: door.ca, key: hasKey ? door.key : undefined }
    const child = fork(new URL('./front-parts/front-hostile.ts', import.meta.url))
    child.send(hostility)
    await once(child, 'message')
    const before = await threadTimes(hub)
    const hostileMs = await p99Of(hub.url, door)
    const after = await threadTimes(hub)
    await endOf(child)
    const shareOf = (one: number, other: number) => (other - one) / (after.atMs - before.atMs)
    const shares = {
      ranShare: shareOf(before.ranMs, after.ranMs),
      waitedShare: shareOf(before.waitedMs, after.waitedMs),
    }
    rounds.push({ quietMs, hostileMs, ratio: hostileMs / quietMs, ...shares })
  }
  const middle = (of: (round: Round) => number) => Math.round(median(rounds.map(of)) * 100) / 100
  return {
    quietP99Ms: middle(({ quietMs }) => quietMs),
    hostileP99Ms: middle(({ hostileMs }) => hostileMs),
    ratio: middle(({ ratio }) => ratio),
    threadRan: middle(({ ranShare }) => ranShare),
    threadWaited: middle(({ waitedShare }) => waitedShare),
  }
}

/**
 * [Linux, sched-stats] Of the hub's main thread, in nanoseconds: how long it ran, and how long it was ready and had no
 * processor.
 */
async function threadTimes(hub: HubProgram) {
  const { pid } = await hub.waitFor('hub_ready')
  const text = await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')
  const [ran = 0, waited = 0] = text.split(' ').map(Number)
  return { atMs: performance.now(), ranMs: ran / 1e6, waitedMs: waited / 1e6 }
}

/** Its bodies end with it, and the hub has nothing of them left soon after. */
async function endOf(child: ChildProcess): Promise<void> {
  child.disconnect()
  await once(child, 'exit')
  await sleep(1_000)
}

/** A healthy client sends one request after the other: a health check, and a look at its own caller. */
async function p99Of(url: string, { ca, key }: Door): Promise<number> {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 1 })
  const latencies: number[] = []
  const startMs = performance.now()
  for (let turn = 0; performance.now() - startMs < ROUND_MS; turn++) {
    const askedMs = performance.now()
    await ask(`${url}${turn % 2 === 0 ? '/healthz' : '/v1/me'}`, agent, key)
    latencies.push(performance.now() - askedMs)
    await sleep(EVERY_MS)
  }
  agent.destroy()
  return summary(latencies, performance.now() - startMs).p99Ms
}

async function ask(url: string, agent: Agent, key: string): Promise<void> {
  const request = get(url, { agent, headers: { authorization: `Bearer ${key}` } })
  const [answer] = await once(request, 'response')
  for await (const _chunk of answer) {
    // Read to its end, so that the connection is used again.
  }
}
