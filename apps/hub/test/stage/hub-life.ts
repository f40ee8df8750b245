/**
 * Hub life: a hub without sockets on a store that outlives it, for simulations. It has the rollout engine, the
 * renderer, and the hub's side of the device link. It lives from its start to a crash, which deletes everything in its
 * memory. A crash may come between any two commits.
 */
import { createRouterClient } from '@orpc/server'
import type { JobMessage } from '@skerry/contract/batches/job'
import type { DesiredDocument } from '@skerry/contract/devices/desired'
import type { WipeOrder } from '@skerry/contract/link/link'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Log } from '@skerry/platform/process/log'
import { startBatchEngine } from '../../src/batches/batch-engine.ts'
import { createJobBoard } from '../../src/batches/job-board.ts'
import { beginJobs } from '../../src/batches/job-stream.ts'
import { createResultFlusher } from '../../src/batches/result-flusher.ts'
import { createProofs } from '../../src/batches/signing.ts'
import { createBus } from '../../src/bus.ts'
import { findDeviceById } from '../../src/devices/device-store.ts'
import { createHeldDesk } from '../../src/held/held-desk.ts'
import type { Hub } from '../../src/hub.ts'
import { followDesired } from '../../src/link/desired-stream.ts'
import type { StreamSink } from '../../src/link/level-stream.ts'
import { followChanges } from '../../src/link/link-changes.ts'
import type { LinkConnection } from '../../src/link/link-connection.ts'
import { type LinkCall, linkRouter } from '../../src/link/link-handlers.ts'
import { createReportFlusher } from '../../src/link/reports/report-flusher.ts'
import { createReportPace } from '../../src/link/reports/report-pace.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createRolloutEngine } from '../../src/rollouts/engine/engine.ts'
import type { Store } from '../../src/store/store.ts'

export type HubLifeDeps = {
  store: Store
  clock: Hub['clock'] & { after(ms: number, work: () => void): () => void }
  random: () => number
  reportIntervalMs: number
  /** The key of its organisation, which also outlives it. */
  signing: Hub['signing']
  /** The answer of a foreign gate. It may be slow, and never rejects. */
  askGate: Hub['webhooks']['ask']
  /** Called after each commit, before other code uses its result. */
  onCommit(): Promise<void>
  onError(event: string, fields: unknown): void
}

/** One device's connection, as the hub sees it. */
export type HubDoor = {
  client: ReturnType<typeof clientOf>
  /** The stream of documents. Throws if the device has not reported yet. */
  follow(sink: Pick<StreamSink<DesiredDocument>, 'send' | 'fail'>): void
  /** The stream of jobs. Throws if the device has not reported yet. */
  followJobs(kinds: readonly string[], sink: Pick<StreamSink<JobMessage | WipeOrder>, 'send' | 'fail'>): void
  /** Fires when the hub ends the connection, or has died. */
  closed: AbortSignal
  reason(): string | undefined
  /** The device has closed its connection. */
  close(): void
}

export type HubLife = {
  hub: Pick<Hub, 'store' | 'bus' | 'clock' | 'signing' | 'config'>
  isAlive(): boolean
  /** Runs one tick of the engine. */
  tick(): void
  /** Accepts a device, or returns the reason for the rejection. */
  accept(deviceId: DeviceId): Promise<{ ok: true; door: HubDoor } | { ok: false; code: string; message: string }>
  crash(): void
  /** Crashes in the middle of its work, after this number of further commits. The last of them is kept or lost. */
  crashAfter(commits: number, isKept: boolean): void
}

/** All hubs of a process share the metrics, because collectors are never removed from a registry. */
const metrics = createMetrics()

/** Starts a hub on the store. */
export function startHubLife(deps: HubLifeDeps): HubLife {
  const { clock, random, reportIntervalMs } = deps
  const death = new AbortController()
  const log = logOf(deps, death)
  const mortal = mortalStore(deps, death)
  const bus = createBus(log)
  const parts = {
    store: mortal.store,
    bus,
    clock,
    log,
    random,
    metrics,
    signal: death.signal,
    jobs: createJobBoard(),
    proofs: createProofs(),
    signing: deps.signing,
    config: CONFIG,
    webhooks: { ask: deps.askGate },
    // The authority never changes here.
    authorities: { onChange: () => () => undefined },
  }
  // The parts of a hub that the link's procedures in this simulation use; commands and renewals are not among them.
  const hub = parts as unknown as Hub
  const connections = new Map<DeviceId, LinkConnection & { end(reason: string): void }>()
  const changes = followChanges(hub, connections)
  const reports = createReportFlusher(hub, (work, ms) => ({ callOff: clock.after(ms, work) }))
  const results = createResultFlusher(hub)
  const pace = createReportPace(hub)
  const held = createHeldDesk(hub, connections)
  const engine = createRolloutEngine(hub)
  const batches = startBatchEngine(hub)
  const stop = () => {
    changes.stop()
    held[Symbol.dispose]()
    void batches[Symbol.asyncDispose]()
  }
  death.signal.addEventListener('abort', stop, { once: true })
  return {
    hub,
    isAlive: () => !death.signal.aborted,
    tick: () => void (death.signal.aborted || engine.run()),
    async accept(deviceId) {
      const device = await findDeviceById(hub.store.db, deviceId)
      if (!device || device.status === 'revoked') return { ok: false, code: 'device_revoked', message: 'unknown' }
      const ended = new AbortController()
      let reason: string | undefined
      const end = (why: string) => {
        reason ??= why
        if (connections.get(deviceId) === connection) connections.delete(deviceId)
        connection.jobs?.[Symbol.dispose]()
        ended.abort(new Error(why))
      }
      const connection = { ...connectionOf(deviceId, device.organisation_id), socket: socketOf(end), end }
      connections.get(deviceId)?.end('replaced')
      connections.set(deviceId, connection)
      const client = clientOf({
        hub,
        connection,
        reports,
        results,
        // Simulated devices have another time than the simulated hub.
        clocks: { look: async () => undefined },
        pace,
        held,
        reportIntervalMs: () => reportIntervalMs,
      })
      const closed = AbortSignal.any([ended.signal, death.signal])
      const follow: HubDoor['follow'] = (sink) =>
        followDesired(hub, connection, { ...sink, isOpen: () => !closed.aborted })
      const followJobs: HubDoor['followJobs'] = (kinds, sink) => {
        if (connection.observedGeneration === undefined) throw new Error('report first')
        beginJobs(hub, connection, { kinds, sink: { ...sink, isOpen: () => !closed.aborted } })
      }
      return { ok: true, door: { client, follow, followJobs, closed, reason: () => reason, close: () => end('gone') } }
    },
    crash: () => death.abort(new Error('the hub has died')),
    crashAfter: mortal.dieAfter,
  }
}

const clientOf = (context: LinkCall) => createRouterClient(linkRouter, { context })

function connectionOf(deviceId: DeviceId, organisationId: LinkConnection['organisationId']): LinkConnection {
  return {
    deviceId,
    organisationId,
    name: deviceId,
    source: '',
    socket: socketOf(() => {}),
    // Streams of this hub begin below the wire layer that signs messages.
    sign: () => {
      throw new Error('nothing is signed here')
    },
    notAfterMs: Number.MAX_SAFE_INTEGER,
    observedGeneration: undefined,
    refusal: undefined,
    inFlight: 0,
    ended: 'closed' as const,
    mayDiffer: true,
    isAlive: true,
    pingedAtMs: undefined,
    desired: undefined,
    jobs: undefined,
    commands: undefined,
    held: undefined,
    issuer: undefined,
    shown: null,
  }
}

/** The configuration that the simulation uses. */
const CONFIG = { separateBatchKeys: false } as Hub['config']

/** The part of a socket that is used here: it can be ended, with a reason for the device. */
const socketOf = (end: (reason: string) => void) =>
  ({ close: (_: number, reason: string) => end(reason), terminate: () => end('gone') }) as LinkConnection['socket']

/** After the crash, the hub's writes never happen, and their promises never settle. */
const never = () => new Promise<never>(() => {})

function mortalStore({ store, onCommit }: HubLifeDeps, death: AbortController) {
  let planned: { commits: number; isKept: boolean } | undefined
  const isLast = () => {
    if (planned) planned.commits -= 1
    return planned !== undefined && planned.commits < 0
  }
  const mortal: Store = {
    ...store,
    async transaction(work) {
      if (death.signal.aborted) return never()
      const isDying = isLast()
      if (isDying && !planned?.isKept) {
        death.abort(new Error('the hub has died'))
        return never()
      }
      const result = await store.transaction(work)
      await onCommit()
      if (isDying) death.abort(new Error('the hub has died'))
      return death.signal.aborted ? never() : result
    },
  }
  const dieAfter = (commits: number, isKept: boolean) => {
    planned = { commits, isKept }
  }
  return { store: mortal, dieAfter }
}

/** After the crash, the log drops the hub's errors about the lost disk. */
function logOf({ onError }: HubLifeDeps, { signal }: AbortController): Log {
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (event, fields) => void (signal.aborted || onError(event, fields)),
    child: () => log,
  }
  return log
}
