/**
 * Debian updater: brings the packages of the machine to exactly the versions of a list, by apt. Before the first change it
 * notes the versions from before. If the list fails, these come back.
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { PACKAGES_PATH } from '@skerry/contract/kinds/os'
import { PackageList } from '@skerry/contract/os/package-list'
import { lackingPackages, planProblem, readAptPlan } from '@skerry/core/os/apt-plan'
import { parseJson } from '@skerry/core/values/parse-json'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import * as z from 'zod'
import { readBootId } from '../../../updates/update-locks.ts'
import type { DriverAnswer } from '../../driver.ts'
import type { DriverDeps } from '../../runner-driver.ts'
import type { OsSwitch } from '../os-options.ts'
import { type Ran, restartMachine } from '../run-tool.ts'
import { type Updater, versionText } from '../updater.ts'
import { type Apt, nativeName, openApt } from './apt.ts'

export type DebianDeps = Pick<DriverDeps, 'folder' | 'fileSystem' | 'clock' | 'log'> & {
  osAccess?: readonly OsSwitch[]
  environment?: NodeJS.ProcessEnv
  /** [Debian, update-notifier-common] A package that needs a restart of the machine makes this file. */
  restartFile?: string
  restart?: () => Promise<void>
}

/** The state of the machine before the version, until the version passes its probation. */
const Trial = z.object({
  digest: z.string(),
  /** Packages that the list changes; null if one was not installed. */
  before: z.array(z.object({ name: z.string(), version: z.string().nullable() })),
  /** The boot in which the machine was told to restart. */
  restartedFrom: z.string().optional(),
})
type Trial = z.infer<typeof Trial>

type Debian = Required<DebianDeps> & {
  apt: Apt
  trialPath: string
  /** The prepared lists, by the digests of their versions. */
  lists: Map<string, PackageList>
}

const DONE: DriverAnswer = { ok: true }

/** A repository that cannot be reached, or a lock of another program, is no fault of the version. */
const AGAIN_MS = 60_000

const PASSING =
  /Could not (get lock|resolve|connect)|Unable to (acquire|lock)|Failed to fetch|Temporary failure|Some index files failed/

export function openDebianUpdater(deps: DebianDeps): Updater {
  const it: Debian = {
    ...deps,
    osAccess: deps.osAccess ?? [],
    environment: deps.environment ?? process.env,
    restartFile: deps.restartFile ?? '/run/reboot-required',
    restart: deps.restart ?? restartMachine,
    apt: openApt(deps.environment ?? process.env),
    trialPath: join(deps.folder, 'trial.json'),
    lists: new Map(),
  }
  return {
    mainFile: PACKAGES_PATH,
    onTrial: async () => (await readTrial(it))?.digest,
    async restartedTrial() {
      const trial = await readTrial(it)
      const isRestarted =
        trial?.restartedFrom !== undefined && trial.restartedFrom !== (await readBootId(it.fileSystem))
      return isRestarted ? trial.digest : undefined
    },
    async prepare(item, read, signal) {
      const list = PackageList.safeParse(parseJson(await versionText(read, PACKAGES_PATH)))
      if (!list.success) return refuse('os_packages_unreadable', 'this agent cannot read the list; update the agent')
      const own = ownList(list.data, await it.apt.architecture(signal))
      if (!own.success)
        return refuse('os_packages_refused', 'the list names a package with and without its architecture')
      it.lists.set(item.digest, own.data)
      return prepare(it, own.data, signal)
    },
    async install(item, signal) {
      const list = it.lists.get(item.digest)
      return list ? install(it, { item, list }, signal) : refuse('runner_gone', 'the list is not prepared any more')
    },
    async settle({ digest }) {
      if ((await readTrial(it))?.digest === digest) await it.fileSystem.removeFile(it.trialPath)
    },
    giveBack: ({ digest }, signal) => giveBack(it, digest, signal),
  }
}

/** The list with the names that apt uses on this machine. Two names of the list can be one package here. */
const ownList = ({ packages, hold, ...list }: PackageList, architecture: string) =>
  PackageList.safeParse({
    ...list,
    packages: packages.map(({ name, version }) => ({ name: nativeName(name, architecture), version })),
    hold: hold.map((name) => nativeName(name, architecture)),
  })

const wordsOf = (packages: PackageList['packages']) => packages.map(({ name, version }) => `${name}=${version}`)

/** Fetches the packages and tries the change in a simulation. */
async function prepare(it: Debian, list: PackageList, signal: AbortSignal): Promise<DriverAnswer> {
  const { apt } = it
  const installed = await apt.installed(signal)
  if (lackingPackages(list.packages, installed).length === 0) return DONE
  // A power cut within dpkg stops each order to apt until the change is finished.
  if ((await readTrial(it)) !== undefined) await apt.repair(signal)
  const updated = await apt.update(signal)
  if (!updated.ok) return failureOf('os_packages_unreachable', updated)
  const words = wordsOf(list.packages)
  const simulated = await apt.simulate(words, signal)
  if (!simulated.ok) return failureOf('os_packages_refused', simulated)
  const problem = planProblem(readAptPlan(simulated.text), list)
  if (problem !== undefined) return refuse('os_packages_refused', problem)
  const downloaded = await apt.download(words, signal)
  return downloaded.ok ? DONE : failureOf('os_packages_unreachable', downloaded)
}

type Wish = { item: DesiredItem; list: PackageList }

/** Also the way on after a kill, or after the restart of the machine. */
async function install(it: Debian, { item, list }: Wish, signal: AbortSignal): Promise<DriverAnswer> {
  const { apt, log } = it
  const waits = await leaveOtherTrial(it, item.digest, signal)
  if (waits) return waits
  const installed = await apt.installed(signal)
  const lacking = lackingPackages(list.packages, installed)
  // A proven list comes by here at each start of the agent, and must not restart the machine for others.
  if (lacking.length === 0 && (await readTrial(it)) === undefined) return DONE
  const trial = await beginTrial(it, item.digest, { list, installed }, signal)
  if (lacking.length > 0) {
    await apt.repair(signal)
    const done = await apt.install(wordsOf(list.packages), signal)
    if (!done.ok) return failedInstall(it, trial, done, signal)
    const left = lackingPackages(list.packages, await apt.installed(signal))
    if (left.length > 0) {
      const message = `apt left ${left.slice(0, 5).join(', ')} in another version`
      return failedInstall(it, trial, { ok: false, text: message, isStopped: false }, signal)
    }
    log.info('os_packages_installed', { name: item.name, version: item.version, changed: lacking.length })
  }
  return list.restart === 'never' ? DONE : restartIfNeeded(it, trial)
}

/**
 * A list that did not pass its probation goes before another one comes, also if that one is the last good list. If its
 * way back fails for good, the other list may still mend the machine, and takes the notes over. The answer is set if the
 * way back must wait.
 */
async function leaveOtherTrial(it: Debian, digest: string, signal: AbortSignal): Promise<DriverAnswer | undefined> {
  const trial = await readTrial(it)
  if (trial === undefined || trial.digest === digest) return undefined
  const back = await giveBack(it, trial.digest, signal)
  if (back.ok) return undefined
  if (back.waitMs !== undefined || back.code === 'runner_gone') return back
  it.log.warn('os_return_failed', { message: back.message })
  return undefined
}

type Begun = { list: PackageList; installed: ReadonlyMap<string, string> }

/**
 * Notes the versions of all packages that apt will change, also of dependencies. A trial of another list whose way back
 * failed hands its notes on: the way back leads to the last good state.
 */
async function beginTrial(it: Debian, digest: string, { list, installed }: Begun, signal: AbortSignal): Promise<Trial> {
  const known = await readTrial(it)
  if (known?.digest === digest) return known
  const simulated = await it.apt.simulate(wordsOf(list.packages), signal)
  const planned = simulated.ok ? readAptPlan(simulated.text).installs : []
  const names = new Set([...list.packages, ...planned].map(({ name }) => name))
  const before = new Map(known?.before.map(({ name, version }) => [name, version]))
  for (const name of names) if (!before.has(name)) before.set(name, installed.get(name) ?? null)
  const trial = { digest, before: [...before].map(([name, version]) => ({ name, version })) }
  await writeTrial(it, trial)
  return trial
}

async function failedInstall(
  it: Debian,
  trial: Trial,
  ran: Ran & { ok: false },
  signal: AbortSignal,
): Promise<DriverAnswer> {
  const failure = failureOf('os_install_failed', ran)
  if (failure.ok || failure.waitMs !== undefined || failure.code === 'runner_gone') return failure
  const back = await bringBack(it, trial, signal)
  return back.ok ? failure : { ...failure, message: `${failure.message}; and ${back.message}`.slice(0, 900) }
}

/** The machine restarts at most once for a version: a package that always demands a restart must not loop. */
async function restartIfNeeded(it: Debian, trial: Trial): Promise<DriverAnswer> {
  const isNeeded = (await it.fileSystem.stat(it.restartFile)) !== undefined
  const bootId = await readBootId(it.fileSystem)
  if (!isNeeded) return DONE
  if (trial.restartedFrom !== undefined && trial.restartedFrom !== bootId) return DONE
  if (!it.osAccess.includes('reboot')) {
    it.log.warn('os_restart_needed', {
      advice: 'start the agent with --allow-os debian,reboot, or restart the machine',
    })
    return DONE
  }
  if (trial.restartedFrom === undefined) await writeTrial(it, { ...trial, restartedFrom: bootId })
  it.log.warn('os_restarts', {})
  // A machine that did not restart is told again.
  await it.restart()
  return { ok: false, code: 'os_restart_waits', message: 'the machine restarts', waitMs: AGAIN_MS }
}

/** A version that has passed its probation stays: its successor has the way back. */
async function giveBack(it: Debian, digest: string, signal: AbortSignal): Promise<DriverAnswer> {
  const trial = await readTrial(it)
  if (trial?.digest !== digest) return DONE
  const back = await bringBack(it, trial, signal)
  if (back.ok) await it.fileSystem.removeFile(it.trialPath)
  return back
}

/**
 * One change returns the versions and removes the added packages. If apt would also remove others, only the versions
 * return, and a person has to decide about the rest.
 */
async function bringBack({ apt, log }: Debian, { before }: Trial, signal: AbortSignal): Promise<DriverAnswer> {
  await apt.repair(signal)
  const installed = await apt.installed(signal)
  const changed = before.filter(({ name, version }) => (installed.get(name) ?? null) !== version)
  if (changed.length === 0) return DONE
  const words = changed.flatMap(({ name, version }) => (version === null ? [] : [`${name}=${version}`]))
  const added = changed.filter(({ version }) => version === null).map(({ name }) => name)
  // [apt-get(8), install] A hyphen after the name removes the package.
  const whole = [...words, ...added.map((name) => `${name}-`)]
  const simulated = await apt.simulate(whole, signal)
  if (!simulated.ok) return failureOf('os_return_failed', simulated)
  const others = readAptPlan(simulated.text).removes.filter((name) => !added.includes(name))
  const returned = await (others.length === 0 ? apt.exchange(whole, signal) : returnOnly(apt, words, signal))
  if (!returned.ok) return failureOf('os_return_failed', returned)
  if (others.length > 0) {
    const message = `apt would also remove ${others.slice(0, 5).join(', ')}, which was not part of the list; remove ${added.slice(0, 5).join(', ')} by hand`
    return refuse('os_return_failed', message)
  }
  log.warn('os_packages_returned', { changed: changed.length })
  return DONE
}

const returnOnly = async (apt: Apt, words: readonly string[], signal: AbortSignal): Promise<Ran> =>
  words.length > 0 ? apt.install(words, signal) : { ok: true, text: '' }

async function readTrial({ fileSystem, trialPath }: Debian): Promise<Trial | undefined> {
  const bytes = await readIfPresent(fileSystem, trialPath)
  return bytes && Trial.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data
}

async function writeTrial({ fileSystem, folder, trialPath }: Debian, trial: Trial): Promise<void> {
  await fileSystem.makeFolder(folder)
  await writeAtomic(fileSystem, trialPath, JSON.stringify(trial))
}

function failureOf(code: string, { text, isStopped }: Ran & { ok: false }): DriverAnswer & { ok: false } {
  const errors = text.split('\n').filter((line) => /^(E|dpkg|W):/.test(line))
  const message = (errors.length > 0 ? errors : text.split('\n').slice(-3)).join(' ').slice(0, 500)
  if (isStopped) return { ok: false, code: 'runner_gone', message: 'the agent ends' }
  return { ok: false, code, message, ...(PASSING.test(text) && { waitMs: AGAIN_MS }) }
}

const refuse = (code: string, message: string): DriverAnswer => ({ ok: false, code, message })
