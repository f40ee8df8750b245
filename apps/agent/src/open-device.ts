/** Opens what a device has on disk and what makes it serve; the runner as early as it can be told what it will serve, for it takes longest. */
import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { DesiredDocument } from '@skerry/contract/desired'
import type { Inventory } from '@skerry/contract/device'
import type { DeviceReport } from '@skerry/contract/device-report'
import { canonicalJson } from '@skerry/core/canonical-json'
import { judgeDocument } from '@skerry/core/document-acceptance'
import { servedBy } from '@skerry/core/item-life'
import { removeLeftovers } from '@skerry/platform/atomic-file'
import { type BlobFolder, openBlobFolder } from '@skerry/platform/blob-folder'
import type { Clock } from '@skerry/platform/clock'
import type { FileSystem } from '@skerry/platform/file-system'
import { digestOf } from '@skerry/platform/hash'
import type { Log } from '@skerry/platform/log'
import { type Conditions, createConditions } from './conditions.ts'
import { createHubDownload } from './hub-download.ts'
import { createInventory } from './inventory.ts'
import type { Identity } from './joining/identity.ts'
import { createKnownTime } from './known-time.ts'
import { writeReport } from './link/report.ts'
import type { AgentOptions } from './options.ts'
import { openBlobIndex } from './reconcile/blob-index.ts'
import { createReconciler, type Reconciler } from './reconcile/reconciler.ts'
import { type SupervisorEvents, superviseRunner } from './runner/runner-supervisor.ts'
import { openVersionFolders } from './runner/version-folder.ts'
import { type AgentStore, openAgentStore } from './store/agent-store.ts'
import { AGENT_VERSION } from './version.ts'

export type DeviceDeps = { fileSystem: FileSystem; clock: Clock; random: () => number; log: Log }

export type Device = AsyncDisposable & {
  conditions: Conditions
  reconciler: Reconciler
  inventory(): Promise<Inventory>
  report(): Promise<DeviceReport>
  /** From now on, this is who the device is. */
  use(identity: Identity, privateKey: string): void
  /** The hub's newest word: obeyed, known already, or refused. */
  take(document: DesiredDocument): void
  /** It was this time somewhere: by the hub's clock, or by our own. */
  hearTime(timeMs: number): void
  /** Called when a report may have changed. */
  onChange(listener: () => void): void
}

/** The device stops taking bytes while so little of the disk is left: its records and the rest of the machine must go on working. */
const DISK_FLOOR_BYTES = 256 * 1024 * 1024

/** Opens the device in the data folder, which the caller has locked. */
export async function openDevice(options: AgentOptions, deps: DeviceDeps): Promise<Device> {
  const { fileSystem, clock, log } = deps
  const { data } = options
  await using stack = new AsyncDisposableStack()
  const changes = new EventTarget()
  const onChange = () => void changes.dispatchEvent(new Event('change'))
  const task = { rest: options.rest, grpc: options.grpc, version: AGENT_VERSION, logLevel: options.logLevel }
  const conditions = createConditions(log, onChange)
  await removeLeftovers(fileSystem, data)
  const store = stack.use(await openStore(join(data, 'agent.sqlite'), clock, log))
  let reconciler: Reconciler | undefined
  const events = runnerEvents(() => reconciler, store, conditions)
  const runner = stack.use(superviseRunner(task, deps, events))
  const blobs = await openBlobFolder({ fileSystem, path: join(data, 'blobs'), freeBytesMin: DISK_FLOOR_BYTES })
  const download = stack.use(createHubDownload({ ...deps, folder: blobs }))
  let trustedKeys: readonly string[] = []
  const made = createReconciler({
    ...deps,
    store,
    blobs,
    index: await openBlobIndex(blobs),
    folders: openVersionFolders(join(data, 'versions'), blobs),
    runner,
    conditions,
    trustedKeys: () => trustedKeys,
    download: download.download,
    floorBytes: DISK_FLOOR_BYTES,
    onChange,
  })
  reconciler = made
  const inventory = inventoryOf(blobs)
  const sources = { store, runner, conditions, clock, inventory, bootId: randomUUID() }
  let deviceId: Identity['deviceId'] | undefined
  const resources = stack.move()
  return {
    conditions,
    reconciler: made,
    inventory,
    report: () => writeReport(sources),
    use(identity, privateKey) {
      deviceId = identity.deviceId
      trustedKeys = identity.trustedKeys
      download.use(identity, privateKey)
      made.wake()
    },
    take(document) {
      if (deviceId && takeDocument(document, deviceId, { store, conditions, log })) made.wake()
      onChange()
    },
    hearTime: createKnownTime(store, conditions, clock).hear,
    onChange: (listener) => changes.addEventListener('change', listener),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The runner starts before there is a reconciler. What happens by then needs no telling: its first pass looks at everything. */
function runnerEvents(
  reconciler: () => Reconciler | undefined,
  store: AgentStore,
  conditions: Conditions,
): SupervisorEvents {
  return {
    expected: () =>
      store.lives().flatMap((life) => {
        const item = life.state === 'probation' ? life.lastGood : servedBy(life)
        return item ? [{ name: item.model, version: String(item.version) }] : []
      }),
    onEnd: (end, busyWith) => reconciler()?.runnerEnded(end, busyWith),
    onReady() {
      conditions.clear('port_in_use')
      reconciler()?.wake()
    },
    onRefused: conditions.raise,
    onBeat: () => reconciler()?.beat(),
  }
}

function inventoryOf(blobs: Pick<BlobFolder, 'freeBytes'>): () => Promise<Inventory> {
  const describeMachine = createInventory()
  return async () => describeMachine(await blobs.freeBytes())
}

/** Records that the disk has ruined are set aside: the hub knows what should run here, and the files are found again by their digests. */
async function openStore(path: string, clock: Clock, log: Log): Promise<AgentStore> {
  const opened = openAgentStore(path, clock)
  if (opened.ok) return opened.store
  if (opened.code !== 'database_damaged') throw new Error(opened.message)
  log.error('records_damaged', { path, keptAs: `${path}.damaged` })
  for (const suffix of ['', '-wal', '-shm']) await rename(path + suffix, `${path}.damaged${suffix}`).catch(() => {})
  const anew = openAgentStore(path, clock)
  if (!anew.ok) throw new Error(anew.message)
  return anew.store
}

type TakeDeps = { store: AgentStore; conditions: Conditions; log: Log }

/** True when the device follows another document now. It is on disk by then. */
function takeDocument(
  document: DesiredDocument,
  deviceId: Identity['deviceId'],
  { store, conditions, log }: TakeDeps,
): boolean {
  const followed = store.document()
  const observed = { deviceId, generation: followed?.generation ?? 0, ...(followed ? { digest: followed.digest } : {}) }
  const judged = judgeDocument(observed, document, digestOf(canonicalJson(document.items)))
  if (judged.kind === 'refuse') {
    conditions.raise(judged.cause)
    return false
  }
  for (const code of ['generation_refused', 'document_misdirected', 'document_damaged']) conditions.clear(code)
  if (judged.kind === 'known') return false
  store.saveDocument(document)
  log.info('document_accepted', { generation: document.generation, items: document.items.length })
  return true
}
