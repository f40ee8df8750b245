/**
 * Agent, the control process. It first serves from disk, and then takes care of the hub. Three loops share only the
 * store: reconcile (makes records true), join (until this computer is a device), link (reports to the hub and receives
 * from it).
 */
import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import { readIfPresent } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { claimFolder } from '@skerry/platform/files/folder-lock'
import { removeTelemetryLeftovers } from '@skerry/platform/files/telemetry-leftovers'
import { setProxy } from '@skerry/platform/network/way-out'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog, type LevelledLog, type Log } from '@skerry/platform/process/log'
import { openShutdown, type Shutdown } from '@skerry/platform/process/shutdown'
import { createLogRing, type LogRing } from './commands/log-ring.ts'
import type { WipeDevice } from './jobs/job-stream.ts'
import { KeyRefused, openDeviceKey } from './joining/device-key.ts'
import {
  type Identity,
  type IdentityFolder,
  identityChanger,
  openIdentityFolder,
  tokenHash,
} from './joining/identity.ts'
import type { Link } from './link/link.ts'
import { loadLinkModules } from './link/link-modules.ts'
import { type Device, type DeviceDeps, openDevice } from './open-device.ts'
import type { AgentOptions } from './options.ts'
import { addressOfWay, readKeptProxy } from './settings/proxy-keeper.ts'
import { createHubContact, readSeat } from './updates/agent-seat.ts'
import { beginWipe, tellOfWipe } from './wiping/begin-wipe.ts'
import { openWipe, WIPED, type Wipe } from './wiping/wipe.ts'

/** Exit codes: 0 stopped by command, 1 broken, 2 wrong arguments. */
const ASKED_WRONGLY = 2

/**
 * The end of the agent: its exit code, a restart in its place, a wipe of its remaining data (wiping/finish-wipe.ts), or
 * a start of another version by the launcher.
 */
export type AgentEnd = number | 'restart' | 'wipe' | 'handover'

/** Runs until a signal. `canRestart`: the caller can start another agent in its place. */
export async function runAgent(options: AgentOptions, canRestart: boolean): Promise<AgentEnd> {
  try {
    return await run(options, canRestart)
  } catch (error) {
    if (error instanceof StoppedEarly) return 0
    if (error instanceof KeyRefused) return refuse(`${error.message} (${error.code})`)
    throw error
  }
}

async function run(options: AgentOptions, canRestart: boolean): Promise<AgentEnd> {
  const logs = createLogRing()
  const log = createLog({ name: 'agent', level: options.logLevel, onLine: logs.add })
  await using shutdown = openShutdown({ log })
  const locked = await claimFolder(options.data, 'agent', log)
  if (!locked.ok) return refuse(`${locked.message} (${locked.code})`)
  shutdown.use('lock', locked.lock)
  await removeTelemetryLeftovers(process.env, log)
  const way = (await readKeptProxy(nodeFileSystem, options.data)) ?? options.proxy ?? 'direct'
  setProxy(addressOfWay(way))
  const folder = openFolder(options, log, shutdown.signal)
  const wipe = openWipe(nodeFileSystem, options.data)
  const wiped = await wipe.state()
  if (wiped === 'done') return refuse(WIPED)
  if (wiped === 'begun') {
    await tellOfWipe(folder, log, shutdown.signal)
    return 'wipe'
  }
  if (options.isKeyShown || options.isModelKeyRotated) return await doAndEnd(folder, options)
  return await serve({ options, canRestart, log, logs, shutdown, folder, wipe })
}

type Opened = {
  options: AgentOptions
  canRestart: boolean
  log: LevelledLog
  logs: LogRing
  shutdown: Shutdown
  folder: IdentityFolder
  wipe: Wipe
}

/** Serves the models and follows the hub until a signal, an order to restart, or a wipe. */
async function serve({ options, canRestart, log, logs, shutdown, folder, wipe }: Opened): Promise<AgentEnd> {
  const token = options.joinToken ?? (await readJoinFile(options)) ?? (await folder.readToken())
  const read = await folder.read()
  if (read.kind === 'none' && token === undefined) return refuse(NOT_JOINED)
  let isRestarting = false
  const restart = () => {
    isRestarting = true
    shutdown.request('restart')
  }
  let isWiping = false
  const wipeDevice: WipeDevice = async (tell) => {
    device.journal.note('wipe-begun')
    await beginWipe(wipe, tell, log)
    isWiping = true
    shutdown.request('wipe')
  }
  const privateKey = await folder.privateKey()
  let isHandingOver = false
  const handOver = () => {
    isHandingOver = true
    shutdown.request('handover')
  }
  const seat = readSeat(process.env, { handOver, contact: createHubContact() })
  const own = { log, logs, privateKey, restart: canRestart ? restart : undefined, seat }
  const deps: DeviceDeps = { fileSystem: nodeFileSystem, clock: systemClock, random: Math.random, ...own }
  const device = shutdown.use('device', await openDevice(options, deps))
  const identity = read.kind === 'known' ? read.identity : undefined
  if (read.kind === 'damaged') device.conditions.raise({ code: 'identity_damaged', message: read.message })
  // The identity is set before anything is judged by the keys that it trusts.
  if (identity) device.use(identity, privateKey)
  const failed = new AbortController()
  const signal = AbortSignal.any([shutdown.signal, failed.signal])
  const network = { options, deps, device, folder, token, privateKey, wipeDevice }
  const loops = [...ownLoops(device, signal), followHub(network, identity, signal)]
  log.info('agent_started', { data: options.data, deviceId: identity?.deviceId })
  const codes = await Promise.all(
    loops.map((loop) => loop.then(() => 0).catch((error: unknown) => end(error, shutdown.signal, failed, log))),
  )
  device.reconciler.stopped()
  const ended = endOf({ code: Math.max(...codes), isWiping, isRestarting, isHandingOver })
  device.journal.note('agent-stopped', { how: String(ended) })
  if (ended === 'handover') await device.leaveModels()
  return ended
}

const NOT_JOINED =
  'this computer has not joined a hub; start it once with --join-file FILE or --join TOKEN ("skerry device token create" makes one)'

/** A stop arrived during the call to the TPM. Nothing runs yet that would have to end. */
class StoppedEarly extends Error {}

function openFolder(options: AgentOptions, log: Log, signal: AbortSignal): IdentityFolder {
  const loadTpm = async () => (await import('./tpm/tpm.ts')).openTpm(process.env)
  const openKey = () =>
    openDeviceKey(options, { fileSystem: nodeFileSystem, log, loadTpm }, signal).catch((cause: unknown) => {
      throw signal.aborted ? new StoppedEarly('stopped while the key was being opened', { cause }) : cause
    })
  return openIdentityFolder(nodeFileSystem, options.data, openKey)
}

type Ended = { code: number; isWiping: boolean; isRestarting: boolean; isHandingOver: boolean }

function endOf({ code, isWiping, isRestarting, isHandingOver }: Ended): AgentEnd {
  if (isWiping) return 'wipe'
  if (code !== 0) return code
  if (isHandingOver) return 'handover'
  return isRestarting ? 'restart' : code
}

const ownLoops = ({ reconciler, jobs, seal, journal, page, gateway, siteCache }: Device, signal: AbortSignal) => [
  reconciler.run(signal),
  jobs.run(signal),
  seal(signal),
  journal.run(signal),
  page.run(signal),
  gateway.run(signal),
  siteCache.run(signal),
]

/** If one loop fails, the others end too: half an agent would look alive. */
function end(error: unknown, told: AbortSignal, failed: AbortController, log: Log): number {
  if (told.aborted || failed.signal.aborted) return 0
  failed.abort()
  if (error instanceof JoinRefused) return refuse(error.message)
  log.error('agent_broken', { error })
  return 1
}

type Network = {
  options: AgentOptions
  deps: DeviceDeps
  device: Device
  folder: IdentityFolder
  token: string | undefined
  privateKey: string
  wipeDevice: WipeDevice
}

/** A computer that is not a device, and cannot become one, has no reason to run. */
class JoinRefused extends Error {}

async function followHub(network: Network, known: Identity | undefined, signal: AbortSignal): Promise<void> {
  // The identity is lost, but the device still serves its models.
  if (!known && network.token === undefined) return
  const identity = await joinIfAsked(network, known, signal)
  const { folder, device, deps, privateKey, options } = network
  let current = identity
  const use = (next: Identity) => {
    current = next
    device.use(next, privateKey)
  }
  use(identity)
  deps.log.info('agent_ready', aboutDevice(identity))
  const shared = { ...deps, privateKey, conditions: device.conditions, identity: () => current }
  const [{ createLink }, { heldDocuments }, { createRenewal }, { createAuthorityKeeper }, { tryRoots }] =
    await loadLinkModules()
  const change = identityChanger(folder, { current: () => current, use })
  const renewal = createRenewal({ ...shared, change })
  const authorities = createAuthorityKeeper({
    ...shared,
    change,
    renewal,
    touch: () => link.touch(),
    tryRoots: (roots, trying) => tryRoots(current, { roots, privateKey }, trying),
  })
  const link: Link = createLink({
    ...shared,
    renewal,
    held: heldDocuments({ ...shared, ...device.held, data: options.data, authorities }),
    commands: device.commands,
    jobs: device.jobs,
    telemetry: device.telemetry,
    journal: device.journal,
    wipe: network.wipeDevice,
    reportIntervalMinMs: device.settings.reportIntervalMinMs,
    report: device.report,
    onDocument: device.take,
    onHubTime: device.hearTime,
  })
  device.onChange(link.touch)
  device.useLink({
    reportNow: link.reportNow,
    renewCertificate(renewing) {
      const renewed = renewal.renewNow(renewing)
      link.touch()
      return renewed
    },
  })
  return link.run(signal)
}

/**
 * A token that the device has not used yet orders it to join, or to join again with the same key after it lost its
 * certificate.
 */
async function joinIfAsked(network: Network, known: Identity | undefined, signal: AbortSignal): Promise<Identity> {
  const { token, folder, device, deps, options } = network
  if (known && (token === undefined || tokenHash(token) === known.joinedWith)) return known
  const [{ joinHub }, { readSerialNumber }] = await Promise.all([
    import('./joining/joining.ts'),
    import('./joining/serial-number.ts'),
  ])
  const serial = options.serial ?? (await readSerialNumber())
  const wishes = { inventory: device.inventory, name: options.name, serial }
  const joined = await joinHub(token ?? '', { ...deps, folder, ...wishes }, signal)
  if (joined.ok) {
    deps.log.info('joined', aboutDevice(joined.identity))
    return joined.identity
  }
  await folder.removeToken()
  if (!known) throw new JoinRefused(`${joined.message} (${joined.code})`)
  device.conditions.raise({ code: 'join_refused', message: joined.message })
  return known
}

const doAndEnd = (folder: IdentityFolder, options: AgentOptions): Promise<number> =>
  options.isKeyShown ? showKey(folder, options) : rotateKey(folder, options)

/** Undefined if the file is missing or empty: people may delete it after the device has joined. */
async function readJoinFile({ joinFile }: AgentOptions): Promise<string | undefined> {
  const bytes = joinFile === undefined ? undefined : await readIfPresent(nodeFileSystem, joinFile)
  return (bytes && Buffer.from(bytes).toString('utf8').trim()) || undefined
}

/**
 * Prints the fingerprint that a person compares, or registers before the device joins. The key is created if there is
 * none.
 */
async function showKey(folder: IdentityFolder, { serial }: AgentOptions): Promise<number> {
  // These modules are loaded only for this request.
  const [{ hashPublicKey }, { readSerialNumber }] = await Promise.all([
    import('@skerry/platform/certificates/public-key-hash'),
    import('./joining/serial-number.ts'),
  ])
  const key = hashPublicKey(createPublicKey(await folder.privateKey()))
  const number = serial ?? (await readSerialNumber())
  process.stdout.write(`key     ${key}\n${number === undefined ? '' : `serial  ${number}\n`}`)
  return 0
}

/** The agent must not be running. The next start encrypts all files under the new key, while it serves. */
async function rotateKey(folder: IdentityFolder, { data, sealKey }: AgentOptions): Promise<number> {
  const { readSealKeyFile, rotateModelKey } = await import('./sealing/model-key.ts')
  const outer = sealKey === undefined ? undefined : await readSealKeyFile(nodeFileSystem, sealKey)
  if (outer && !outer.ok) return refuse(outer.message)
  const privateKey = await folder.privateKey()
  const sealer = { privateKey, outer: outer?.keys }
  const rotated = await rotateModelKey(nodeFileSystem, data, sealer)
  if (!rotated.ok) return refuse(rotated.message)
  await noteRotation(data, privateKey, rotated.keys[0].id)
  process.stdout.write(`new model key ${rotated.keys[0].id}; the next start encrypts the models under it\n`)
  return 0
}

async function noteRotation(data: string, privateKey: string, id: string): Promise<void> {
  const [{ openAgentStore }, { openDeviceJournal }] = await Promise.all([
    import('./store/agent-store.ts'),
    import('./auditing/device-journal.ts'),
  ])
  const opened = openAgentStore(join(data, 'agent.sqlite'), systemClock)
  if (!opened.ok) return
  using store = opened.store
  const log = createLog({ name: 'agent', level: 'error' })
  openDeviceJournal({ journal: store.audit, privateKey, clock: systemClock, log }).note('model-key-rotated', { id })
}

/** `name` in a log line is the logger. So the device's name has another field. */
const aboutDevice = ({ deviceId, name, hub }: Identity) => ({ deviceId, device: name, hub })

function refuse(message: string): number {
  process.stderr.write(`skerry agent: ${message}\n`)
  return ASKED_WRONGLY
}
