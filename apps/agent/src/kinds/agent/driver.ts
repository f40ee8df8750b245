/**
 * Agent driver: versions of the agent itself. A new version is unpacked beside the running one, checked by a start that
 * opens nothing, and put on trial: the agent ends, and its launcher starts the new version. That version continues the
 * same life from the store, waits for an answer of the hub, passes its probation, and commits. If it does not, the
 * launcher starts the version before, which finds the failure that the launcher remembered.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import { compareAgentVersions } from '@skerry/core/agents/agent-order'
import { parseJson } from '@skerry/core/values/parse-json'
import { digestOfHex, hexOf } from '@skerry/platform/files/hash'
import { TarInvalid } from '@skerry/platform/files/tar-read'
import { memoryAvailableBytes } from '../../inventory.ts'
import {
  commitVersion,
  dropTrial,
  noteFailure,
  readFailures,
  readLaunch,
  versionFolder,
  writeTrial,
} from '../../launcher/launch-files.ts'
import type { Loaded } from '../../runner/runner-slot.ts'
import type { AgentSeat } from '../../updates/agent-seat.ts'
import { prepareStandby } from '../../updates/standby.ts'
import { AGENT_VERSION } from '../../version.ts'
import type { Driver, DriverAnswer } from '../driver.ts'
import { type DriverDeps, lackOf } from '../runner-driver.ts'
import { textOf, type Unpacking } from './unpack.ts'
import { addVersion, removeRests, removeVersions } from './version-folders.ts'

const DONE: DriverAnswer = { ok: true }
const GONE: DriverAnswer = { ok: false, code: 'runner_gone', message: 'the agent is being replaced' }
function refusal(code: string, message: string): DriverAnswer {
  return { ok: false, code, message }
}

/**
 * In milliseconds, at least. The check loads all modules, which takes a slow device some seconds, and one that is busy a
 * minute. A device whose new version may take longer to reach its hub has that time for the check too.
 */
const CHECK_MS = 60_000

type AgentDriver = DriverDeps & {
  seat: AgentSeat
  /** Loaded versions by the names of their folders. */
  slots: Map<string, Loaded>
  /** Another version is about to take over: nothing is ready any more. */
  isLeaving: boolean
  /** The rests of an earlier life are removed. Nothing is unpacked before. */
  cleared: Promise<void>
}

export function openAgentDriver(deps: DriverDeps): Driver {
  if (!deps.seat) return NO_SEAT
  const cleared = clearRests(deps, deps.seat)
  const it: AgentDriver = { ...deps, seat: deps.seat, slots: new Map(), isLeaving: false, cleared }
  const { contact } = it.seat
  contact.onHeard(() => {
    deps.onChange()
    void commitInTime(it)
  })
  // The first answer of the hub belongs to the proof of a version on trial.
  const isReady = () => !it.isLeaving && (contact.isHeard() || !isOnTrial(it))
  return {
    loaded: () => (isReady() ? [...it.slots.values()] : undefined),
    trouble: () => (isReady() || it.isLeaving ? undefined : UNCONFIRMED),
    trials: () => (isOnTrial(it) ? [digestOfHex(it.seat.running)] : []),
    load: (item, _isolation, signal) => loadVersion(it, item, AbortSignal.any([signal, deps.signal])),
    prove: (item, signal) => checkVersion(it, item, AbortSignal.any([signal, deps.signal])),
    activate: (item, stage) => activateVersion(it, item, stage),
    async settle(item) {
      if (hexOf(item.digest) !== it.seat.running) return
      commitVersion(it.seat.root, it.seat.running)
      await removeOthers(it)
    },
    unload: (item) => unloadVersion(it, item),
    async deactivate() {
      it.slots.clear()
      return DONE
    },
  }
}

/** A disk that fails here does not stop the agent. The next update tries again. */
async function clearRests({ fileSystem, log }: DriverDeps, { root }: AgentSeat): Promise<void> {
  try {
    await removeRests({ root, fileSystem })
  } catch (error) {
    log.warn('version_rests_stay', { error })
  }
}

const UNCONFIRMED: Cause = {
  code: 'agent_unconfirmed',
  message: 'the new version of the agent runs, and waits for an answer of its hub before it proves itself',
}

const UNLAUNCHED: Cause = {
  code: 'agent_unlaunched',
  message: 'no launcher started this agent, so nothing can replace it; install it again, with the install command',
}

/** An agent that was started by hand, or by an older unit. The hub offers it no version, because it is not capable. */
const NO_SEAT: Driver = {
  loaded: () => undefined,
  trouble: () => UNLAUNCHED,
  isCapable: () => false,
  load: async () => refusal(UNLAUNCHED.code, UNLAUNCHED.message),
  activate: async () => DONE,
  unload: async () => DONE,
  deactivate: async () => DONE,
}

const isOnTrial = ({ seat: { root, running } }: AgentDriver): boolean => {
  const { trial, current } = readLaunch(root)
  return trial?.digest === running && current !== running
}

/**
 * Work on other items, or a pass that fails, may delay the item while its version is on trial. Neither is a reason for
 * the launcher to give up a version that works.
 */
async function commitInTime(it: AgentDriver): Promise<void> {
  const { root, running } = it.seat
  const { trial } = readLaunch(root)
  if (!trial || !isOnTrial(it)) return
  try {
    await it.clock.sleep(trial.probationSeconds * 1_000, it.signal)
  } catch {
    return
  }
  if (isOnTrial(it) && !it.isLeaving) commitVersion(root, running)
}

/** Unpacks the version beside the running one. Nothing of the running one changes. */
async function loadVersion(it: AgentDriver, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  const lack = lackOf(AGENT_PATH, item) ?? rememberedRefusal(it, item)
  if (lack) return lack
  return it.files.withFiles(item, async (sources) => {
    const source = sources.find(({ name }) => name === AGENT_PATH)
    const text = source ? await textOf(source, it.fileSystem) : ''
    const manifest = AgentPackage.safeParse(parseJson(text))
    if (!manifest.success) return refusal('agent_unreadable', `${AGENT_PATH} cannot be read; update the agent in steps`)
    const wish = { fileSystem: it.fileSystem, sources, manifest: manifest.data, text }
    const refused = manifestRefusal(it, item, manifest.data) ?? (await unpackOnce(it, item, wish, signal))
    if (refused) return refused
    const digest = hexOf(item.digest)
    it.slots.set(digest, it.slots.get(digest) ?? { item, stats: { requests: 0, failures: 0 } })
    return DONE
  })
}

/** A version that the launcher gave up is tried again when a person bumps the retry token. */
function rememberedRefusal({ seat: { root, running } }: AgentDriver, item: DesiredItem): DriverAnswer | undefined {
  const digest = hexOf(item.digest)
  const known = readFailures(root).find((failure) => failure.digest === digest)
  if (digest === running || known === undefined || known.retryToken < item.retryToken) return undefined
  return { ok: false, code: known.code, message: returnedText(known.message), isDisproved: true }
}

const NO_ROOM = refusal('storage_full', 'the disk has no room for another version of the agent; make room')

async function unpackOnce(
  it: AgentDriver,
  item: DesiredItem,
  wish: Unpacking,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  await it.cleared
  try {
    return (await addVersion({ root: it.seat.root, digest: hexOf(item.digest) }, wish, signal)) ? undefined : NO_ROOM
  } catch (error) {
    if (!(error instanceof TarInvalid)) throw error
    return refusal('agent_unreadable', `a part of the package cannot be unpacked: ${error.message}`)
  }
}

const returnedText = (why: string) => `the device returned to the version before: ${why}`

/** A package for another machine, or an older version that nobody allowed. */
function manifestRefusal(it: AgentDriver, item: DesiredItem, manifest: AgentPackage): DriverAnswer | undefined {
  const { architectures, version } = manifest
  if (!architectures.some((name) => name === process.arch)) {
    const message = `the package is for ${architectures.join(' and ')}, and this device is ${process.arch}`
    return refusal('agent_architecture', message)
  }
  const { current, previous } = readLaunch(it.seat.root)
  const digest = hexOf(item.digest)
  const wasHere = [it.seat.running, current, previous].includes(digest)
  const isAllowed = item.kind === 'agent' && item.spec.allowDowngrade === true
  if (wasHere || isAllowed || compareAgentVersions(version, AGENT_VERSION) >= 0) return undefined
  const message = `the package has version ${version}, which is older than ${AGENT_VERSION}; set allowDowngrade in the deployment to permit it`
  return refusal('agent_downgrade', message)
}

/** Starts the new version for a moment: it loads all modules, opens nothing, and ends. */
async function checkVersion(it: AgentDriver, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  const digest = hexOf(item.digest)
  if (digest === it.seat.running) return DONE
  const home = versionFolder(it.seat.root, digest)
  const { entry, node } = AgentPackage.parse(
    parseJson(Buffer.from((await it.fileSystem.readFile(join(home, AGENT_PATH))) ?? []).toString()),
  )
  // With the flags of this agent: so the check fills the cache of compiled code for the start that follows.
  const words = [...process.execArgv, join(home, entry), '--self-check']
  const program = node.path === undefined ? process.execPath : join(home, node.path)
  const limitMs = Math.max(CHECK_MS, it.seat.contactSeconds * 1_000)
  try {
    await promisify(execFile)(program, words, { timeout: limitMs, signal })
    return DONE
  } catch (error) {
    if (signal.aborted) return GONE
    const reason = checkFailure(error as CheckError, limitMs)
    return refusal('agent_check_failed', `the version does not start on this device: ${reason}`)
  }
}

/** [node:child_process] `killed`: the time was over. */
export type CheckError = Pick<Error, 'message'> & { stderr?: string; killed?: boolean }

/** The last words of the version, or the reason why it has none. */
export function checkFailure({ stderr = '', message, killed }: CheckError, limitMs: number): string {
  if (killed) return `its check took longer than ${limitMs / 1_000} s; retry when the device is less busy`
  const [line = ''] = stderr.trim().split('\n').slice(-1)
  return (line === '' ? message : line).slice(0, 500)
}

async function activateVersion(
  it: AgentDriver,
  item: DesiredItem,
  stage: 'proven' | 'unproven',
): Promise<DriverAnswer> {
  const { root, running, contactSeconds } = it.seat
  const digest = hexOf(item.digest)
  const slot = it.slots.get(digest)
  if (!slot || it.isLeaving) return GONE
  if (digest === running) {
    if (stage === 'proven') commitVersion(root, running)
    slot.servingSinceMs ??= it.clock.monotonicMs()
    return DONE
  }
  // The version on trial holds the place of the last good one, which the launcher would start again.
  if (stage === 'proven' && isOnTrial(it)) {
    slot.servingSinceMs ??= it.clock.monotonicMs()
    return DONE
  }
  if (!(await hasPrepared(it, digest))) return GONE
  const deadlineSeconds = contactSeconds + item.probation.seconds
  const { seconds: probationSeconds } = item.probation
  writeTrial(root, { digest, starts: 0, deadlineSeconds, probationSeconds, retryToken: item.retryToken })
  return leave(it)
}

/** The next version loads its code while this one still runs. False: this agent ends for another reason. */
async function hasPrepared({ seat: { root, launcherPid }, clock, log, signal }: AgentDriver, digest: string) {
  try {
    await prepareStandby({ root, launcherPid, availableBytes: memoryAvailableBytes, clock, log }, digest, signal)
    return true
  } catch {
    return false
  }
}

function leave(it: AgentDriver): DriverAnswer {
  it.isLeaving = true
  it.log.warn('agent_hands_over', {})
  it.seat.handOver()
  return GONE
}

/** The running version stays until another one takes its place. A version on trial that failed leaves it. */
async function unloadVersion(it: AgentDriver, item: DesiredItem): Promise<DriverAnswer> {
  const { root, running } = it.seat
  const digest = hexOf(item.digest)
  if (digest === running && isOnTrial(it)) {
    const message = 'it failed its probation, or its deployment ended'
    if (it.slots.get(digest)?.servingSinceMs === undefined) dropTrial(root)
    else noteFailure(root, { digest, retryToken: item.retryToken, code: 'agent_returned', message })
    return leave(it)
  }
  it.slots.delete(digest)
  await removeOthers(it)
  return DONE
}

/** A device keeps the version that runs, the one before, and the ones that are loaded. Rests of others go. */
async function removeOthers({ seat: { root, running }, slots, fileSystem, cleared }: AgentDriver): Promise<void> {
  await cleared
  const { current, previous, trial } = readLaunch(root)
  const kept = new Set([running, current, previous, trial?.digest, ...slots.keys()])
  await removeVersions({ fileSystem, root }, (name) => kept.has(name))
}
