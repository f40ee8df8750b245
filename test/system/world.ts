/** World: one hub, its devices, the network between them, and what chance does to all of it, from one seed. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Behaviour } from '@skerry/contract/devices/simulation'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '@skerry/hub/hub'
import type { Identifiers } from '@skerry/hub/identity/identifiers'
import { openSqliteStore } from '@skerry/hub/store/sqlite-store'
import type { Db, Store } from '@skerry/hub/store/store'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { createLossyNetwork, type LossyNetwork } from '@skerry/testkit/faults/lossy-network'
import { createEventClock, type EventClock } from '@skerry/testkit/simulation/event-clock'
import { addDevices, addVersion, type FleetDevice } from '../../apps/hub/test/stage/fleet/fleet-records.ts'
import { type HubLife, startHubLife } from '../../apps/hub/test/stage/hub-life.ts'
import { anyLabels, type Chance, chanceOf, seededIds, VERSIONS } from './choices.ts'
import { createLaws, type Laws } from './laws.ts'
import { type Operator, operate } from './operator.ts'
import { simulatedConnect } from './simulated-link.ts'
import { createMachine, type Machine } from './simulated-machine.ts'

const START_MS = Date.UTC(2026, 10, 25)
const TEN_YEARS_MS = 10 * 365 * 86_400_000

/** Short, so that a history of minutes sees many. */
const REPORT_INTERVAL_MS = 10_000

/** Nothing depends on what it is. */
const SIGNING = generateKeyPair()

/** Where no disk has to be waited for, if there is such a place. */
const MEMORY_DISK = '/dev/shm'

export type World = AsyncDisposable & {
  clock: EventClock
  network: LossyNetwork
  chance: Chance
  machines: Map<DeviceId, Machine>
  db(): Db | undefined
  life(): HubLife | undefined
  operator(): Operator | undefined
  startHub(): void
  crashHub(): void
  /** Sets the hub back to where it stood at the backup, if there is one. */
  restore(): Promise<void>
  backUp(): void
  addDevices(count: number): Promise<void>
  /** While false, no disk ruins anything. */
  setRot(share: number): void
  note(what: string): void
  /** What happened that never must. */
  broken: string[]
  trace: readonly string[]
}

/** A hub that runs, on a database with the versions that there are, and without devices. */
export async function openWorld(seed: number): Promise<World> {
  const clock = createEventClock(START_MS)
  const chance = chanceOf(seed, 'world')
  const network = createLossyNetwork({ after: clock.after, random: chanceOf(seed, 'network').random })
  const folder = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'skerry-world-'))
  const path = join(folder, 'hub.sqlite')
  const { organisationId } = await layOut(path)
  const ids = seededIds(seed)
  const broken: string[] = []
  const trace: string[] = []
  const note = (what: string) => void trace.push(`${((clock.nowMs() - START_MS) / 1_000).toFixed(3)} ${what}`)
  const tell = (law: string, detail: unknown) => {
    note(`BROKEN ${law}`)
    broken.push(`${law}: ${JSON.stringify(detail, plainErrors)}`)
  }
  const laws = createLaws(tell)
  const it: Inside = {
    seed,
    clock,
    chance,
    network,
    folder,
    path,
    ids,
    organisationId,
    broken,
    trace,
    note,
    tell,
    laws,
    machines: new Map(),
    fleet: [],
    life: undefined,
    rot: 0,
    store: await openStore(path),
  }
  return worldOf(it)
}

type Inside = Pick<World, 'clock' | 'network' | 'chance' | 'machines' | 'broken' | 'trace' | 'note'> & {
  seed: number
  folder: string
  path: string
  ids: Identifiers
  organisationId: OrganisationId
  laws: Laws
  tell(law: string, detail: unknown): void
  fleet: FleetDevice[]
  life: HubLife | undefined
  /** None while the disk is being changed. */
  store: Store | undefined
  rot: number
}

function worldOf(it: Inside): World {
  const { clock, network, chance, machines, broken, trace, note, path, folder, ids, organisationId } = it
  return {
    clock,
    network,
    chance,
    machines,
    broken,
    trace,
    note,
    db: () => it.store?.db,
    life: () => (it.life?.isAlive() ? it.life : undefined),
    operator: () => (it.life?.isAlive() ? operate({ life: it.life, ids, organisationId }) : undefined),
    startHub: () => startHub(it),
    crashHub: () => it.life?.crash(),
    backUp() {
      rmSync(join(folder, 'backup.sqlite'), { force: true })
      const database = new DatabaseSync(path)
      database.exec(`vacuum into '${join(folder, 'backup.sqlite')}'`)
      database.close()
    },
    async restore() {
      if (!existsSync(join(folder, 'backup.sqlite'))) return
      it.life?.crash()
      const { store } = it
      it.store = undefined
      await store?.[Symbol.asyncDispose]()
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      copyFileSync(join(folder, 'backup.sqlite'), path)
      it.store = await openStore(path)
      it.laws.forget()
    },
    addDevices: (count) => joinMore(it, count),
    setRot(share) {
      it.rot = share
    },
    async [Symbol.asyncDispose]() {
      it.life?.crash()
      for (const machine of machines.values()) machine.cutPower()
      await it.store?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function startHub(it: Inside): void {
  const { store, clock, laws, seed, tell } = it
  if (!store) return
  it.life = startHubLife({
    store,
    clock,
    reportIntervalMs: REPORT_INTERVAL_MS,
    random: chanceOf(seed, `hub at ${clock.nowMs()}`).random,
    onCommit: () => laws.look(store.db, clock.nowMs()),
    signing: SIGNING,
    askGate: (_, signal) => askGate(it, signal),
    onError: (event, fields) => tell(`the hub logs ${event}`, fields),
  })
}

/** Somebody else's program: quick or slow, and of any opinion. */
async function askGate({ clock, chance }: Inside, signal: AbortSignal): ReturnType<Hub['webhooks']['ask']> {
  const answer = chance.is(0.2) ? { error: 'it has not answered within 10 s' } : { result: { pass: chance.is(0.7) } }
  // Put away with the hub that asked.
  await clock.sleep(chance.between(10, 10_000), signal).catch(() => undefined)
  return answer
}

async function joinMore(it: Inside, count: number): Promise<void> {
  const { ids, organisationId, clock, fleet, chance } = it
  if (!it.life?.isAlive()) return
  const { store, bus } = it.life.hub
  for (let index = 0; index < count; index++) {
    const place = { store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: fleet }
    const added = await addDevices(place, 1, { labels: anyLabels(chance) })
    for (const device of added) {
      fleet.push(device)
      it.machines.set(device.id, machineOf(it, device.id, fleet.length - 1))
      it.machines.get(device.id)?.powerOn()
      bus.publish('device.changed', device.id)
    }
  }
}

/** Half of them are as they should be. */
function machineOf(it: Inside, deviceId: DeviceId, index: number): Machine {
  const { clock, network, seed, tell, organisationId } = it
  const chance = chanceOf(seed, `machine ${index}`)
  const { random } = chance
  const hub = () => (it.life?.isAlive() ? it.life : undefined)
  return createMachine({
    deviceId,
    index,
    clock,
    random,
    broken: tell,
    organisationId,
    trustedKeys: [SIGNING.publicKeyPem],
    behaviour: chance.is(0.5) ? undefined : chance.one(...(Behaviour.options as [Behaviour, ...Behaviour[]])),
    skewMs: chance.is(0.3) ? Math.round((2 * random() - 1) * TEN_YEARS_MS) : 0,
    connect: simulatedConnect({ deviceId, network, after: clock.after, random, hub, past: [] }),
    canFetch: () => hub() !== undefined && !network.isCut(deviceId),
    rot: () => it.rot,
    // The last but one cannot be loaded until somebody has it tried again; nobody signed the last.
    fails: ({ name: model, version, retryToken }) =>
      model === 'sensor' && version === VERSIONS.sensor - 1 && retryToken < 1,
    flawOf: ({ name: model, version }) => (version !== 2 ? undefined : model === 'sensor' ? 'failing' : 'differing'),
    isForged: ({ name: model, version }) => model === 'sensor' && version === VERSIONS.sensor,
  })
}

async function openStore(path: string): Promise<Store> {
  const opened = await openSqliteStore(path, START_MS)
  if (!opened.ok) throw new Error(opened.message)
  return opened.store
}

/** Made once: its migrations take longer than a history. */
let template: { path: string; organisationId: OrganisationId } | undefined

async function layOut(path: string): Promise<{ organisationId: OrganisationId }> {
  template ??= await makeTemplate()
  copyFileSync(template.path, path)
  return template
}

async function makeTemplate() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-world-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'template.sqlite')
  const ids = seededIds(0)
  const organisationId = ids.organisation()
  const store = await openStore(join(folder, 'hub.sqlite'))
  await store.transaction(async (tx) => {
    const row = { id: organisationId, name: 'default', created_at_ms: START_MS }
    await tx.insertInto('organisations').values(row).execute()
  })
  const place = { store, ids, organisationId, clock: { ms: START_MS }, devices: [] }
  for (const [model, count] of Object.entries(VERSIONS))
    for (let version = 1; version <= count; version++) await addVersion(place, { model, version, opset: 17 })
  await store[Symbol.asyncDispose]()
  const database = new DatabaseSync(join(folder, 'hub.sqlite'))
  database.exec(`vacuum into '${path}'`)
  database.close()
  return { path, organisationId }
}

const plainErrors = (_: string, value: unknown) =>
  value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value
