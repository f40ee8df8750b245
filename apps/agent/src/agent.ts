/**
 * Agent, the control process: serves from disk first, then sees to the hub. Three loops that need each other only through the store:
 * reconcile (makes records true), join (until this computer is a device), link (tells and hears the hub).
 */
import { systemClock } from '@skerry/platform/clock'
import { nodeFileSystem } from '@skerry/platform/file-system'
import { lockFolder } from '@skerry/platform/folder-lock'
import { createLog, type Log } from '@skerry/platform/log'
import { openShutdown } from '@skerry/platform/shutdown'
import { type Identity, type IdentityFolder, openIdentityFolder, tokenHash } from './joining/identity.ts'
import { type Device, type DeviceDeps, openDevice } from './open-device.ts'
import type { AgentOptions } from './options.ts'

/** Exit codes: 0 stopped as told, 1 broken, 2 asked wrongly. */
const ASKED_WRONGLY = 2

/** Runs until a signal; gives the exit code. */
export async function runAgent(options: AgentOptions): Promise<number> {
  const log = createLog({ name: 'agent', level: options.logLevel })
  await using shutdown = openShutdown({ log })
  await nodeFileSystem.makeFolder(options.data)
  const locked = lockFolder(options.data, 'agent')
  if (!locked.ok) return refuse(locked.message)
  shutdown.use('lock', locked.lock)
  const folder = openIdentityFolder(nodeFileSystem, options.data)
  const token = options.joinToken ?? (await folder.readToken())
  const read = await folder.read()
  if (read.kind === 'none' && token === undefined) {
    return refuse(
      'this computer has not joined a hub; start it once with --join TOKEN ("skerry device token create" makes one)',
    )
  }
  const deps: DeviceDeps = { fileSystem: nodeFileSystem, clock: systemClock, random: Math.random, log }
  const device = shutdown.use('device', await openDevice(options, deps))
  const privateKey = await folder.privateKey()
  const identity = read.kind === 'known' ? read.identity : undefined
  if (read.kind === 'damaged') device.conditions.raise({ code: 'identity_damaged', message: read.message })
  // Before anything is judged by the keys that it trusts.
  if (identity) device.use(identity, privateKey)
  const failed = new AbortController()
  const signal = AbortSignal.any([shutdown.signal, failed.signal])
  const network = { options, deps, device, folder, token, privateKey }
  const loops = [device.reconciler.run(signal), followHub(network, identity, signal)]
  log.info('agent_started', { data: options.data, deviceId: identity?.deviceId })
  const codes = await Promise.all(
    loops.map((loop) => loop.then(() => 0).catch((error: unknown) => end(error, shutdown.signal, failed, log))),
  )
  return Math.max(...codes)
}

/** One loop that breaks takes the other with it: half an agent would look alive. */
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
}

/** A computer that is no device and cannot become one has nothing to run for. */
class JoinRefused extends Error {}

async function followHub(network: Network, known: Identity | undefined, signal: AbortSignal): Promise<void> {
  // Who it is has been lost; what it serves has not.
  if (!known && network.token === undefined) return
  const identity = await joinIfAsked(network, known, signal)
  const { folder, device, deps, privateKey } = network
  let current = identity
  const use = (next: Identity) => {
    current = next
    device.use(next, privateKey)
  }
  use(identity)
  deps.log.info('agent_ready', aboutDevice(identity))
  const shared = { ...deps, privateKey, conditions: device.conditions, identity: () => current }
  // The link is loaded after what serves has been started: it takes a third of the time of a start.
  const [{ createLink }, { createRenewal }] = await Promise.all([
    import('./link/link.ts'),
    import('./joining/renewal.ts'),
  ])
  const renewal = createRenewal({ ...shared, folder, onIdentity: use })
  const link = createLink({
    ...shared,
    renewal,
    report: device.report,
    onDocument: device.take,
    onHubTime: device.hearTime,
  })
  device.onChange(link.touch)
  return link.run(signal)
}

/** A token that the device has not joined with yet is a wish to join, or to join again with the same key after a certificate was lost. */
async function joinIfAsked(network: Network, known: Identity | undefined, signal: AbortSignal): Promise<Identity> {
  const { token, folder, device, deps, options } = network
  if (known && (token === undefined || tokenHash(token) === known.joinedWith)) return known
  const { joinHub } = await import('./joining/joining.ts')
  const joined = await joinHub(
    token ?? '',
    { ...deps, folder, inventory: device.inventory, name: options.name },
    signal,
  )
  if (joined.ok) {
    deps.log.info('joined', aboutDevice(joined.identity))
    return joined.identity
  }
  await folder.removeToken()
  if (!known) throw new JoinRefused(`${joined.message} (${joined.code})`)
  device.conditions.raise({ code: 'join_refused', message: joined.message })
  return known
}

/** `name` is the log's own word for who speaks. */
const aboutDevice = ({ deviceId, name, hub }: Identity) => ({ deviceId, device: name, hub })

function refuse(message: string): number {
  process.stderr.write(`skerry agent: ${message}\n`)
  return ASKED_WRONGLY
}
