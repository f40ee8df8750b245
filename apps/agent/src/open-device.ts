/**
 * Opens a device's data on disk, and the parts that serve. The runner starts as soon as its first versions are known,
 * because it takes longest.
 */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentMessage } from '@skerry/contract/devices/desired'
import type { Inventory } from '@skerry/contract/devices/device'
import type { SentReport } from '@skerry/contract/devices/device-report'
import { kinds } from '@skerry/contract/kinds/kinds'
import { seatOf, suspicionCause } from '@skerry/core/device/crash-suspicion'
import { servedBy } from '@skerry/core/device/item-life'
import { removeLeftovers } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { LevelledLog, Log } from '@skerry/platform/process/log'
import type { AccessGuardDeps } from './access/access-guard.ts'
import { accessUses } from './access/access-uses.ts'
import { createLocalConsents } from './access/local-consents.ts'
import type { DeviceJournal } from './auditing/device-journal.ts'
import { noteIdentity, noteRefusals, openJournal } from './auditing/local-actions.ts'
import { createTagWriteNotes } from './auditing/tag-write-notes.ts'
import { type BenchParts, openBench } from './bench/open-bench.ts'
import type { CommandDesk } from './commands/command-desk.ts'
import type { LogRing } from './commands/log-ring.ts'
import { openCommandDesk } from './commands/open-command-desk.ts'
import type { Conditions } from './conditions.ts'
import { createTelemetryWay, type TelemetryWay } from './connections/telemetry-way.ts'
import { type DeviceGateway, openGateway } from './gateway/open-gateway.ts'
import { type HeldKeepers, openKeepers } from './held/open-keepers.ts'
import type { HubDownload } from './hub/hub-download.ts'
import { createKnownTime } from './hub/known-time.ts'
import { memoryAvailableBytes, memoryTotalBytes } from './inventory.ts'
import type { JobDesk } from './jobs/job-desk.ts'
import { type JobParts, type LinkDoors, openJobs } from './jobs/open-jobs.ts'
import { createSettings, type Settings } from './jobs/settings.ts'
import type { Identity } from './joining/identity.ts'
import { type Drivers, giveSecrets, kindFolder, linesOfName } from './kinds/drivers.ts'
import { openDownload } from './line/open-download.ts'
import { writeReport } from './link/report.ts'
import { openDevicePage } from './local-page/open-device-page.ts'
import type { LocalPage } from './local-page/open-local-page.ts'
import { machineMemory, machineOf, NOWHERE } from './machine.ts'
import { openModels } from './open-models.ts'
import type { Address, AgentOptions } from './options.ts'
import { createReconciler, type Reconciler } from './reconcile/reconciler.ts'
import { leaveRunner } from './runner/handover/leave-runner.ts'
import { readPredecessor } from './runner/handover/predecessor.ts'
import { superviseRunner } from './runner/runner-supervisor.ts'
import type { SupervisorEvents } from './runner/supervisor-events.ts'
import type { SecretKeeper } from './secrets/secret-keeper.ts'
import type { SiteCache } from './site-cache/open-site-cache.ts'
import { type AgentStore, type JournalledStore, openAgentStore } from './store/agent-store.ts'
import { createStreamDesk, type StreamDesk } from './streams/stream-desk.ts'
import { streamUses } from './streams/stream-uses.ts'
import { takeDocument } from './take-document.ts'
import type { AgentSeat } from './updates/agent-seat.ts'
import { bringRecordsBack } from './updates/records-copy.ts'
import { openUpdateLocks, readBootId, type UpdateLocks } from './updates/update-locks.ts'
import { signatureProblem } from './verifying/version-check.ts'
import { AGENT_VERSION } from './version.ts'

export type DeviceDeps = {
  fileSystem: FileSystem
  clock: Clock
  random: () => number
  log: LevelledLog
  logs: LogRing
  /** The device's own key, in PEM. */
  privateKey: string
  /** Ends the agent and starts another in its place. Absent if that is impossible. */
  restart: (() => void) | undefined
  /** The place of the agent under its launcher. Absent without one. */
  seat?: AgentSeat | undefined
}

export type Device = AsyncDisposable & {
  conditions: Conditions
  reconciler: Reconciler
  /** Carries out the hub's commands. */
  commands: CommandDesk
  /** Carries out the jobs of batches. */
  jobs: JobDesk
  /** Records local events of the device. */
  journal: DeviceJournal
  settings: Settings
  /** The documents that the device holds for its hub. */
  held: HeldKeepers
  /** The transport of values to the hub. */
  telemetry: TelemetryWay
  /** The functions of the link for jobs, once there is one. */
  useLink(doors: LinkDoors): void
  /** The models serve on after this agent, until the next one has them. */
  leaveModels(): Promise<void>
  /** Converts models into the wanted form on the disk. */
  seal(signal: AbortSignal): Promise<void>
  /** The device's own web page. */
  page: LocalPage
  /** The gateway of routes on this device, if its operator wants one. */
  gateway: DeviceGateway
  /** The cache of this device for its site, if its operator wants one. */
  siteCache: Pick<SiteCache, 'run'>
  inventory(): Promise<Inventory>
  report(): Promise<SentReport>
  /** From now on, the device has this identity. */
  use(identity: Identity, privateKey: string): void
  /** The hub's newest document: obeyed, known already, or rejected. */
  take(document: DocumentMessage): void
  /** This time has certainly passed, by the hub's clock or by our own. */
  hearTime(timeMs: number): void
  /** Called when a report may have changed. */
  onChange(listener: () => void): void
}

/** Opens the device in the data folder, which the caller has locked. */
export async function openDevice(options: AgentOptions, deps: DeviceDeps): Promise<Device> {
  const { clock, log } = deps
  await using stack = new AsyncDisposableStack()
  const changes = new EventTarget()
  const onChange = () => void changes.dispatchEvent(new Event('change'))
  await removeLeftovers(deps.fileSystem, options.data)
  const store = stack.use(await openStore(options.data, clock, log))
  const { journal, conditions } = openJournal(options, { ...deps, store, onChange })
  const settings = createSettings(store, options, log)
  let reconciler: Reconciler | undefined
  const wake = () => reconciler?.wake()
  let held: HeldKeepers | undefined
  const telemetry = createTelemetryWay()
  const events = runnerEvents(() => reconciler, {
    predecessor: () => (deps.seat ? readPredecessor(options.data) : undefined),
    ...deps,
    store,
    conditions,
    journal,
    held: () => held,
    telemetry,
  })
  const runner = stack.use(superviseRunner(taskOf(options, settings), deps, events))
  const around = {
    ...deps,
    conditions,
    consents: createLocalConsents({ isNeeded: options.page.isConsentNeeded, clock, journal }),
    ...{ settings, runner, seat: deps.seat, wake },
    signal: endOf(stack),
  }
  const { blobs, openBeside, files, drivers, index, takeRoom, seal } = await openModels(options, around)
  let identity: Identity | undefined
  const { line, download, siteCache } = await openDownload(options, {
    ...around,
    stack,
    blobs,
    openBeside,
    takeRoom,
    onChange,
    hub: () => identity?.hub,
  })
  const locks = withFactLocks(stack.use(await openLocks(options, deps, wake)), () => held)
  const keepers = await openKeepers(options, {
    ...around,
    ...{ send: download.send, near: download.near, download: download.download, giveSecrets: secretsTo(drivers) },
    ...{ store, journal, blobs, index, stack },
  })
  held = keepers
  const made = createReconciler({
    ...deps,
    store,
    blobs: { ...blobs, freeBytes: async () => (await blobs.freeBytes()) + (await siteCache.keptBytes()) },
    files,
    drivers,
    conditions,
    onChange,
    ...machineMemory(options),
    index,
    equipment: keepers.connections.equipment,
    dataPlace: keepers.connections.dataPlace,
    signatureProblem: noteRefusals((item) => signatureProblem(item, keepers.trust.trust()), journal),
    floorBytes: settings.diskFloorBytes,
    download: download.download,
    locks: locks.read,
  })
  reconciler = made
  const commands = openCommandDesk({
    ...deps,
    send: download.send,
    runner,
    captures: keepers.captures,
    appLines: (query, signal) => linesOfName(drivers, query, signal),
    streams: openStreams(options, { ...around, journal, download, self: () => identity }),
  })
  const { refresh: refreshMachine, ...about } = machineOf(options, blobs, drivers, line)
  const sources = {
    store,
    runner: options.cluster ? NOWHERE : runner,
    drivers,
    holds: made.holds,
    conditions,
    clock,
    ...about,
  }
  const jobs = openDeviceJobs({
    ...deps,
    ...options,
    ...{ sources, reconciler: made, runner, settings, refreshMachine, blobs, index },
    trust: keepers.trust.trust,
    captures: keepers.captures,
    locks: locks.read,
    download: download.download,
  })
  const page = openDevicePage(options, {
    ...around,
    ...{ store, journal, sources, keepers, locks },
    diagnose: jobs.diagnose,
    identity: () => identity,
  })
  const resources = stack.move()
  return {
    conditions,
    reconciler: made,
    commands,
    settings,
    held: keepers,
    telemetry,
    leaveModels: async () => deps.seat && leaveRunner({ ...deps, ...placeOf(options, deps.seat), runner }),
    seal,
    journal,
    page,
    gateway: openGateway(options.gateway, { ...around, ...options, version: AGENT_VERSION, identity: () => identity }),
    siteCache,
    jobs: jobs.desk,
    useLink: jobs.useLink,
    inventory: sources.inventory,
    report: () => writeReport(sources),
    use(next, privateKey) {
      noteIdentity(journal, next)
      keepers.use(next, privateKey)
      identity = next
      jobs.use(next)
      download.use(next, privateKey)
      siteCache.use(next, privateKey)
      made.wake()
    },
    take(document) {
      if (identity && takeDocument(document, identity.deviceId, { store, conditions, log })) made.wake()
      onChange()
    },
    hearTime: all(
      createKnownTime(store, conditions, clock).hear,
      jobs.hearTime,
      siteCache.hearTime,
      () => deps.seat?.contact.heard(),
      page.hubHeard,
    ),
    onChange: (listener) => changes.addEventListener('change', listener),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const placeOf = ({ data }: AgentOptions, seat: AgentSeat) => ({
  data,
  seat,
  launcherPid: process.ppid,
  availableBytes: memoryAvailableBytes,
})

type StreamParts = Omit<AccessGuardDeps, 'switches' | 'data'> & {
  runner: { endpoints(): { rest?: Address } }
  download: Pick<HubDownload, 'dial'>
  logs: LogRing
  log: Log
  signal: AbortSignal
}

function openStreams({ allowRemote, remoteAddresses, data }: AgentOptions, parts: StreamParts): StreamDesk {
  const switches = { kinds: allowRemote, addresses: remoteAddresses }
  const access = accessUses({ ...parts, switches, data })
  return createStreamDesk(streamUses({ runner: () => parts.runner.endpoints().rest, access }), {
    dial: parts.download.dial,
    log: parts.log,
    signal: parts.signal,
  })
}

const openDeviceJobs = (parts: Omit<JobParts, 'bench' | 'calibrate'> & BenchParts) =>
  openJobs({ ...parts, ...openBench(parts) })

const secretsTo = (drivers: Drivers) => (bytesOf: SecretKeeper['bytesOf']) => giveSecrets(drivers, bytesOf)

/** Aborted when the device closes. */
function endOf(stack: AsyncDisposableStack): AbortSignal {
  const end = new AbortController()
  stack.defer(() => end.abort())
  return end.signal
}

/** With the locks that hold by a fact. */
const withFactLocks = (files: UpdateLocks, held: () => HeldKeepers | undefined): Pick<UpdateLocks, 'read'> => ({
  read: async () => [...(await files.read()), ...(held()?.placeSettings.locks() ?? [])],
})

const openLocks = async ({ locks, data }: AgentOptions, deps: DeviceDeps, onChange: () => void): Promise<UpdateLocks> =>
  openUpdateLocks(locks, { ...deps, data, bootId: await readBootId(deps.fileSystem), onChange })

type RunnerHearers = Pick<SupervisorEvents, 'predecessor'> & {
  store: AgentStore
  conditions: Conditions
  logs: LogRing
  held: () => HeldKeepers | undefined
  telemetry: TelemetryWay
  journal: DeviceJournal
  clock: Clock
  log: Pick<Log, 'warn'>
}

/**
 * The runner starts before there is a reconciler. Events until then are not passed on, because the reconciler's first
 * pass reads everything.
 */
function runnerEvents(
  reconciler: () => Reconciler | undefined,
  { store, conditions, logs, held, telemetry, journal, clock, log, predecessor }: RunnerHearers,
): SupervisorEvents {
  const noteWrites = createTagWriteNotes({ journal, clock, log })
  return {
    predecessor,
    expected: () =>
      store.lives().flatMap((life) => {
        const item = life.state === 'probation' ? life.lastGood : servedBy(life)
        const isStopped = item && seatOf(item, life, 'proven') === 'stopped'
        const reason = isStopped ? suspicionCause(item, life)?.message : undefined
        return item && kinds[item.kind].serves
          ? [{ name: item.name, version: String(item.version), ...(reason === undefined ? {} : { reason }) }]
          : []
      }),
    onEnd: (crash) => reconciler()?.runnerEnded(crash),
    onReady() {
      for (const code of ['port_in_use', 'address_refused', 'runner_failing']) conditions.clear(code)
      held()?.connections.order()
      void held()?.monitors.order()
      held()?.captures.order()
      reconciler()?.wake()
    },
    onRefused(cause) {
      conditions.raise(cause)
      reconciler()?.wake()
    },
    onBeat(tagWrites, openRows) {
      noteWrites(tagWrites)
      reconciler()?.beat()
      held()?.connections.heard()
      held()?.captures.tidy()
      held()?.monitors.heard(openRows)
    },
    // The pass finds nothing to do, and sends the report.
    onScaled: () => reconciler()?.wake(),
    onTelemetry: telemetry.send,
    onCaptured: (picked) => held()?.captures.keep(picked),
    onLog: logs.add,
  }
}

/** Of the memory of the machine, for loaded models. The rest is for apps, for files in the cache, and for the agent. */
const MODEL_MEMORY_SHARE = 0.6

const taskOf = ({ rest, grpc, modelMemoryBytes, data }: AgentOptions, settings: Settings) => ({
  rest,
  grpc,
  dataFolder: kindFolder(data, 'data'),
  modelMemoryBytes: modelMemoryBytes ?? Math.floor(memoryTotalBytes() * MODEL_MEMORY_SHARE),
  version: AGENT_VERSION,
  logLevel: settings.logLevel(),
})

const all =
  (...listeners: ((timeMs: number) => void)[]) =>
  (timeMs: number) => {
    for (const listener of listeners) listener(timeMs)
  }

/**
 * Damaged records are set aside. The hub knows the wanted versions, and the files are found again by their digests.
 * Records of a newer agent, from which the device returned, make way for the copy from before.
 */
async function openStore(data: string, clock: Clock, log: Log): Promise<JournalledStore> {
  const path = join(data, 'agent.sqlite')
  const opened = openAgentStore(path, clock)
  if (opened.ok) return opened.store
  if (opened.code === 'database_damaged') {
    log.error('records_damaged', { path, keptAs: `${path}.damaged` })
    for (const suffix of ['', '-wal', '-shm']) await rename(path + suffix, `${path}.damaged${suffix}`).catch(() => {})
  } else if (await bringRecordsBack(data)) log.warn('records_of_newer_agent', { path, keptAs: `${path}.newer` })
  else throw new Error(opened.message)
  const anew = openAgentStore(path, clock)
  if (!anew.ok) throw new Error(anew.message)
  return anew.store
}
