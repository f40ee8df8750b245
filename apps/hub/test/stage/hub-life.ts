/**
 * Hub life: a hub without sockets on a store that outlives it, for simulations: its rollout engine, its renderer, and its side of the device link,
 * from its start to the crash that takes all that it had in memory. A crash may come between any two commits.
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
import { createReportFlusher } from '../../src/link/report-flusher.ts'
import { createReportPace } from '../../src/link/report-pace.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createRolloutEngine } from '../../src/rollouts/engine/engine.ts'
import type { Store } from '../../src/store/store.ts'

export type HubLifeDeps = {
  store: Store
  clock: Hub['clock'] & { after(ms: number, work: () => void): () => void }
  random: () => number
  reportIntervalMs: number
  /** The key of its organisation, which outlives it, too. */
  signing: Hub['signing']
  /** What a gate of somebody else answers; it may take its time, and never rejects. */
  askGate: Hub['webhooks']['ask']
  /** Called after each commit, before anybody builds on it. */
  onCommit(): Promise<void>
  onError(event: string, fields: unknown): void
}

/** One device's connection, as the hub has it. */
export type HubDoor = {
  client: ReturnType<typeof clientOf>
  /** The stream of documents. Throws where the device has not reported yet. */
  follow(sink: Pick<StreamSink<DesiredDocument>, 'send' | 'fail'>): void
  /** The stream of jobs. Throws where the device has not reported yet. */
  followJobs(kinds: readonly string[], sink: Pick<StreamSink<JobMessage | WipeOrder>, 'send' | 'fail'>): void
  /** Fires when the hub ends it, or has died. */
  closed: AbortSignal
  reason(): string | undefined
  /** The device has gone. */
  close(): void
}

export type HubLife = {
  hub: Pick<Hub, 'store' | 'bus' | 'clock' | 'signing' | 'config'>
  isAlive(): boolean
  /** The engine's tick. */
  tick(): void
  /** Lets a device in, or says why not. */
  accept(deviceId: DeviceId): Promise<{ ok: true; door: HubDoor } | { ok: false; code: string; message: string }>
  crash(): void
  /** Dies in the middle of its work: after so many commits more, the last of them kept or lost. */
  crashAfter(commits: number, isKept: boolean): void
}

/** All hubs of a process count in one place: what collects for a registry is never taken off again. */
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
    // Nobody has another authority sign here.
    authorities: { onChange: () => () => undefined },
  }
  // What the link's procedures that are met here use of a hub; commands and renewals are not.
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
        // Simulated devices tell another time than the hub that is simulated around them.
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
    // Streams of this hub begin below the wire, on which messages are signed.
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
    desired: undefined,
    jobs: undefined,
    commands: undefined,
    held: undefined,
    issuer: undefined,
    shown: null,
  }
}

/** What is asked of it here. */
const CONFIG = { separateBatchKeys: false } as Hub['config']

/** What of a socket is met here: it can be ended, with a reason that the device hears. */
const socketOf = (end: (reason: string) => void) =>
  ({ close: (_: number, reason: string) => end(reason), terminate: () => end('gone') }) as LinkConnection['socket']

/** What a dead hub asks of the disk never happens, and nobody is told. */
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

/** What the dead would say of a disk that has been taken from them is not heard. */
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
