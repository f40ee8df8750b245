/**
 * OS driver: versions of the operating system of the device. The file of a version selects the updater. An agent whose
 * command line allows no updater does not report the capability, so the hub offers it none.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import type { Loaded } from '../../runner/runner-slot.ts'
import { piecesOf } from '../agent/unpack.ts'
import type { Driver, DriverAnswer } from '../driver.ts'
import type { DriverDeps } from '../runner-driver.ts'
import { openDebianUpdater } from './debian/updater.ts'
import { type OsProof, openOsProof } from './os-proof.ts'
import { openRaucUpdater } from './rauc/updater.ts'
import { openSwupdateUpdater } from './swupdate/updater.ts'
import type { ReadVersionFile, Updater } from './updater.ts'

const MISSING = {
  code: 'updater_missing',
  message:
    'this agent may not update the operating system; start it with --allow-os, or add the updater of the device with "skerry device ddi add"',
} as const

const DONE: DriverAnswer = { ok: true }
const GONE = { ok: false, code: 'runner_gone', message: 'the version is not prepared any more' } as const
const refused = async (): Promise<DriverAnswer> => ({ ok: false, ...MISSING })

/** An operating system answers no requests. */
const NO_STATS = { requests: 0, failures: 0 }

const NONE: Driver = {
  loaded: () => undefined,
  trouble: () => MISSING,
  isCapable: () => false,
  load: refused,
  activate: refused,
  unload: async () => DONE,
  deactivate: async () => DONE,
}

type Prepared = { loaded: Loaded; updater: Updater }

/** The folder of each updater holds its notes. */
const OPENERS = [
  ['debian', openDebianUpdater],
  ['rauc', openRaucUpdater],
  ['swupdate', openSwupdateUpdater],
] as const

export function openOsDriver(deps: DriverDeps): Driver {
  const { os, seat, clock } = deps
  const osAccess = os?.access ?? []
  const allowed = OPENERS.filter(([name]) => osAccess.includes(name))
  const updaters: Updater[] = allowed.map(([, open]) => open({ ...deps, osAccess }))
  if (updaters.length === 0) return NONE
  const proof = openOsProof({ check: os?.check, contact: seat?.contact, contactSeconds: seat?.contactSeconds, clock })
  for (const updater of updaters) void startUpdater(updater, { ...deps, proof })
  const prepared = new Map<string, Prepared>()
  // Without the mark, the boot loader takes the other slot after some starts.
  const settleProven = async (updater: Updater, item: DesiredItem) => {
    const answer = await proof.ofSystem(deps.signal)
    if (answer.ok) await updater.settle(item, deps.signal)
    else deps.log.error('os_slot_not_marked', { name: item.name, code: answer.code, message: answer.message })
  }
  // The system on trial holds the place of the proven one, which would end the trial, or mark its own slot before the restart.
  const isTried = async (successor: Digest | undefined) => {
    if (successor === undefined) return false
    const trials = await Promise.all(updaters.map((updater) => updater.onTrial()))
    return trials.includes(successor)
  }
  const trials = openTrials(updaters, deps)
  const serve = (item: DesiredItem, found: Prepared) => {
    for (const [digest, { loaded, ...rest }] of prepared) {
      const { servingSinceMs: _, ...idle } = loaded
      prepared.set(digest, { ...rest, loaded: idle })
    }
    prepared.set(item.digest, { ...found, loaded: { ...found.loaded, item, servingSinceMs: clock.monotonicMs() } })
  }
  // The updater has brought the state from before back. The loop fails the version by this cause.
  const noteFault = (item: DesiredItem, found: Prepared, { code, message }: Cause) => {
    const fault = { servingSinceMs: clock.monotonicMs(), problem: message, cause: { code, message } }
    prepared.set(item.digest, { ...found, loaded: { ...found.loaded, ...fault } })
    deps.onChange()
  }
  const updaterFor = ({ files }: DesiredItem) =>
    updaters.find(({ mainFile }) => files.some(({ path }) => path === mainFile))
  return {
    loaded: () => [...prepared.values()].map(({ loaded }) => loaded),
    trials: trials.digests,
    async load(item, _isolation, signal) {
      const updater = updaterFor(item)
      if (!updater) return formatRefused(item)
      const answer = await withVersionFiles(deps, item, (read) =>
        updater.prepare(item, read, AbortSignal.any([signal, deps.signal])),
      )
      if (answer.ok) prepared.set(item.digest, { loaded: { item, stats: NO_STATS }, updater })
      return answer
    },
    async activate(item, stage, successor) {
      const found = prepared.get(item.digest)
      if (!found) return GONE
      if (await isTried(successor)) {
        serve(item, found)
        return DONE
      }
      const installed = await found.updater.install(item, deps.signal)
      const isTrial = installed.ok && stage === 'unproven'
      const answer = isTrial ? await proof.ofTrial(item.digest, deps.signal) : installed
      if (!answer.ok) {
        const isFault = stage === 'unproven' && answer.waitMs === undefined && answer.code !== GONE.code
        if (!isFault) return answer
        noteFault(item, found, answer)
        return DONE
      }
      if (stage === 'proven') await settleProven(found.updater, item)
      serve(item, found)
      return DONE
    },
    async settle(item) {
      const found = prepared.get(item.digest)
      if (found) await settleProven(found.updater, item)
      await trials.read()
    },
    async unload(item) {
      const updater = prepared.get(item.digest)?.updater ?? updaterFor(item)
      const answer = (await updater?.giveBack(item, deps.signal)) ?? DONE
      await trials.read()
      if (answer.ok) prepared.delete(item.digest)
      return answer
    },
    async deactivate(name) {
      for (const [digest, { loaded }] of prepared) if (loaded.item.name === name) prepared.delete(digest)
      return DONE
    },
  }
}

/** The versions on trial that the machine has restarted into, as of the last reading of the notes. */
function openTrials(updaters: readonly Updater[], { log, signal, onChange }: DriverDeps) {
  let known: string[] = []
  const read = async () => {
    const found = await Promise.all(updaters.map((updater) => updater.restartedTrial()))
    known = found.filter((digest) => digest !== undefined)
  }
  const readFirst = async () => {
    try {
      await read()
      if (known.length > 0) onChange()
    } catch (error) {
      if (!signal.aborted) log.error('os_trials_unread', { error })
    }
  }
  void readFirst()
  return { digests: () => known, read }
}

/** Services of the system start at the same time as the agent. */
const STARTS_MAX = 30

/** A health check that fails may succeed later. */
const CHECK_AGAIN_MS = 60_000

async function startUpdater({ start, mainFile }: Updater, deps: DriverDeps & { proof: OsProof }): Promise<void> {
  const { clock, log, signal, proof } = deps
  try {
    for (let turn = 0; start && turn < STARTS_MAX; turn++) {
      const checked = await proof.ofSystem(signal)
      const answer = checked.ok ? await start(signal) : { ...checked, waitMs: CHECK_AGAIN_MS }
      if (answer.ok) return
      log.warn('os_updater_not_started', { file: mainFile, code: answer.code, message: answer.message })
      if (answer.waitMs === undefined) return
      await clock.sleep(answer.waitMs, signal)
    }
  } catch (error) {
    if (!signal.aborted) log.error('os_updater_not_started', { file: mainFile, error })
  }
}

const formatRefused = ({ files }: DesiredItem): DriverAnswer => ({
  ok: false,
  code: 'os_format_refused',
  message: `this agent may not install ${files[0]?.path ?? 'the version'}; see --allow-os`,
})

const withVersionFiles = <T>(
  { files, fileSystem }: DriverDeps,
  item: DesiredItem,
  work: (read: ReadVersionFile) => Promise<T>,
): Promise<T> =>
  files.withFiles(item, (sources) =>
    work(async function* (path) {
      const source = sources.find(({ name }) => name === path)
      if (source) yield* piecesOf(source, fileSystem)
    }),
  )
