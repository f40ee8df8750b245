/**
 * System keeper: applies the settings of the machine, if the command line of the agent allows them. A network over which
 * the hub did not answer is remembered, so that the device does not try it again until the settings change.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SettingsDocument } from '@skerry/contract/held/settings'
import type { NetworkConnection, SystemReading } from '@skerry/contract/settings/system-settings'
import { networkProfile } from '@skerry/core/settings/network-profile'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import * as z from 'zod'
import { setHostName, setTimeServers, setTimeZone, TIMESYNC_FOLDER } from './host-settings.ts'
import { changeNetwork, type NetworkOutcome, restoreNetwork } from './network-change.ts'
import { type NetworkManager, networkManager } from './network-manager.ts'
import type { RunProgram } from './run-program.ts'
import type { SystemSwitch } from './system-options.ts'

type Wanted = SettingsDocument['settings']

export type SystemKeeper = {
  /** The newest result of each setting that is set. */
  readings(): SystemReading[]
  /** Applies the settings until the signal aborts or all are done. Rejects only by the signal. */
  apply(settings: Wanted, signal: AbortSignal): Promise<void>
}

export type SystemKeeperDeps = {
  switches: readonly SystemSwitch[]
  run: RunProgram
  fileSystem: FileSystem
  data: string
  clock: Pick<Clock, 'nowMs' | 'sleep'>
  /** The values of the hub's secrets on this device, by name. */
  secrets(): Readonly<Record<string, string>>
  /** Whether the hub answers a new request now, with its certificate. */
  isHubReached(signal: AbortSignal): Promise<boolean>
  /** Called when a reading has changed. */
  onChange(): void
  manager?: NetworkManager
  timesyncFolder?: string
  confirmSeconds?: number
}

const Failed = z.object({ revision: z.string().max(64), problem: z.string().max(300) })
type Failed = z.infer<typeof Failed>

/** At the start nothing is known. */
export function createSystemKeeper(deps: SystemKeeperDeps): SystemKeeper {
  const readings = new Map<SystemReading['setting'], SystemReading>()
  const say: Say = (setting, reading) => {
    if (reading) readings.set(setting, { setting, ...reading, atMs: Math.floor(deps.clock.nowMs()) })
    else readings.delete(setting)
    deps.onChange()
  }
  return {
    readings: () => [...readings.values()],
    async apply(settings, signal) {
      await applyHost(settings, deps, say)
      await applyNetwork(settings.network, { ...deps, say }, signal)
    },
  }
}

type Say = (setting: SystemReading['setting'], reading: Pick<SystemReading, 'state' | 'problem'> | undefined) => void

async function applyHost({ hostName, timeZone, timeServers }: Wanted, deps: SystemKeeperDeps, say: Say): Promise<void> {
  const { run, fileSystem, timesyncFolder: folder = TIMESYNC_FOLDER } = deps
  const one = async (
    setting: SystemReading['setting'],
    kind: SystemSwitch,
    work: (() => Promise<void>) | undefined,
  ) => {
    if (!work) return say(setting, undefined)
    if (!deps.switches.includes(kind)) return say(setting, refused(kind))
    try {
      await work()
      say(setting, { state: 'applied' })
    } catch (error) {
      say(setting, { state: 'failed', problem: (error instanceof Error ? error.message : String(error)).slice(0, 300) })
    }
  }
  await one('hostName', 'name', hostName === undefined ? undefined : () => setHostName(run, hostName))
  await one('timeZone', 'time', timeZone === undefined ? undefined : () => setTimeZone(run, timeZone))
  const servers = () => setTimeServers(run, timeServers, { fileSystem, folder })
  // Removed servers restore those of the distribution.
  if (timeServers === undefined && deps.switches.includes('time')) await servers().catch(() => undefined)
  await one('timeServers', 'time', timeServers === undefined ? undefined : servers)
}

const refused = (kind: SystemSwitch) =>
  ({ state: 'refused', problem: `the device does not allow it; start its agent with --allow-system ${kind}` }) as const

type NetworkParts = SystemKeeperDeps & { say: Say }

async function applyNetwork(
  connections: readonly NetworkConnection[] | undefined,
  { say, ...deps }: NetworkParts,
  signal: AbortSignal,
): Promise<void> {
  const isAllowed = deps.switches.includes('network')
  if (!isAllowed) return say('network', connections && refused('network'))
  const secrets = deps.secrets()
  const profiles = (connections ?? []).map((each) => networkProfile(each, revisionOf(each, secrets)))
  const revision = digest(profiles.map(({ id }) => id))
  const failed = await readFailed(deps)
  if (failed?.revision === revision && connections)
    return say('network', { state: 'returned', problem: failed.problem })
  if (connections) say('network', { state: 'trying' })
  const manager = deps.manager ?? networkManager(deps.run)
  if (await endInterrupted(deps, manager)) await restoreNetwork(profiles, manager).catch(() => undefined)
  const passwordOf = (name: string) => secrets[name]
  const sleep = (ms: number, until: AbortSignal) => deps.clock.sleep(ms, until)
  const remember = (checkpoint: string | undefined) => writeTrial(deps, checkpoint)
  const ways = { manager, passwordOf, isHubReached: deps.isHubReached, sleep, remember }
  const limit = deps.confirmSeconds === undefined ? {} : { confirmSeconds: deps.confirmSeconds }
  const outcome = await changeNetwork(profiles, { ...ways, ...limit }, signal)
  await writeFailed(deps, revision, outcome)
  // Without settings, a machine without NetworkManager has nothing to report.
  say('network', connections && outcome)
}

/** A new password is a new profile, too. */
function revisionOf(connection: NetworkConnection, secrets: Readonly<Record<string, string>>): string {
  const secret = connection.kind === 'wifi' && connection.secret !== undefined ? secrets[connection.secret] : undefined
  return digest([connection, secret ?? null]).slice(0, 12)
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

type OnDisk = Pick<SystemKeeperDeps, 'fileSystem' | 'data'>

const trialPath = ({ data }: OnDisk) => join(data, 'network-trial')

/**
 * An agent that ended in the middle of a change returns first: a second way back would lead to the tried network. Returns
 * whether there was such a change.
 */
async function endInterrupted(deps: OnDisk, manager: NetworkManager): Promise<boolean> {
  const bytes = await readIfPresent(deps.fileSystem, trialPath(deps))
  if (!bytes) return false
  // After its time NetworkManager has returned already.
  await manager.rollBack(Buffer.from(bytes).toString('utf8')).catch(() => undefined)
  await writeTrial(deps, undefined)
  return true
}

const writeTrial = (deps: OnDisk, checkpoint: string | undefined): Promise<void> =>
  checkpoint === undefined
    ? deps.fileSystem.removeFile(trialPath(deps))
    : writeAtomic(deps.fileSystem, trialPath(deps), checkpoint)

const pathIn = ({ data }: SystemKeeperDeps) => join(data, 'network-failed.json')

async function readFailed(deps: SystemKeeperDeps): Promise<Failed | undefined> {
  const bytes = await readIfPresent(deps.fileSystem, pathIn(deps))
  try {
    return bytes && Failed.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    // Then the device tries the network once more.
    return undefined
  }
}

async function writeFailed(deps: SystemKeeperDeps, revision: string, outcome: NetworkOutcome): Promise<void> {
  if (outcome.state !== 'returned') return deps.fileSystem.removeFile(pathIn(deps))
  await writeAtomic(deps.fileSystem, pathIn(deps), JSON.stringify({ revision, problem: outcome.problem }))
}
