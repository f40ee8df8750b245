/**
 * OS driver: versions of the operating system of the device. The file of a version selects the updater. An agent whose
 * command line allows no updater does not report the capability, so the hub offers it none.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Loaded } from '../../runner/runner-slot.ts'
import { textOf } from '../agent/unpack.ts'
import type { Driver, DriverAnswer } from '../driver.ts'
import type { DriverDeps } from '../runner-driver.ts'
import { openDebianUpdater } from './debian/updater.ts'
import type { Updater } from './updater.ts'

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

type Prepared = { loaded: Loaded; updater: Updater; text: string }

export function openOsDriver(deps: DriverDeps): Driver {
  const updaters = deps.osAccess?.includes('debian') ? [openDebianUpdater(deps)] : []
  if (updaters.length === 0) return NONE
  const prepared = new Map<string, Prepared>()
  return {
    loaded: () => [...prepared.values()].map(({ loaded }) => loaded),
    async load(item, _isolation, signal) {
      const updater = updaters.find(({ mainFile }) => item.files.some(({ path }) => path === mainFile))
      if (!updater) return formatRefused(item)
      const text = await mainText(deps, item, updater.mainFile)
      const answer = await updater.prepare(item, text, AbortSignal.any([signal, deps.signal]))
      if (answer.ok) prepared.set(item.digest, { loaded: { item, stats: NO_STATS }, updater, text })
      return answer
    },
    async activate(item, stage) {
      const found = prepared.get(item.digest)
      if (!found) return GONE
      const answer = await found.updater.install(item, found.text, deps.signal)
      if (!answer.ok) {
        const isFault = stage === 'unproven' && answer.waitMs === undefined && answer.code !== GONE.code
        if (!isFault) return answer
        // The updater has brought the state from before back. The loop fails the version by this cause.
        const { code, message } = answer
        const broken = {
          ...found.loaded,
          servingSinceMs: deps.clock.monotonicMs(),
          problem: message,
          cause: { code, message },
        }
        prepared.set(item.digest, { ...found, loaded: broken })
        deps.onChange()
        return DONE
      }
      if (stage === 'proven') await found.updater.settle(item)
      for (const [digest, { loaded, ...rest }] of prepared) {
        const { servingSinceMs: _, ...idle } = loaded
        prepared.set(digest, { ...rest, loaded: idle })
      }
      prepared.set(item.digest, {
        ...found,
        loaded: { ...found.loaded, item, servingSinceMs: deps.clock.monotonicMs() },
      })
      return DONE
    },
    async settle(item) {
      await prepared.get(item.digest)?.updater.settle(item)
    },
    async unload(item) {
      const updater = prepared.get(item.digest)?.updater ?? updaters[0]
      const answer = (await updater?.giveBack(item, deps.signal)) ?? DONE
      if (answer.ok) prepared.delete(item.digest)
      return answer
    },
    async deactivate(name) {
      for (const [digest, { loaded }] of prepared) if (loaded.item.name === name) prepared.delete(digest)
      return DONE
    },
  }
}

const formatRefused = ({ files }: DesiredItem): DriverAnswer => ({
  ok: false,
  code: 'os_format_refused',
  message: `this agent may not install ${files[0]?.path ?? 'the version'}; see --allow-os`,
})

const mainText = ({ files, fileSystem }: DriverDeps, item: DesiredItem, mainFile: string): Promise<string> =>
  files.withFiles(item, async (sources) => {
    const source = sources.find(({ name }) => name === mainFile)
    return source ? textOf(source, fileSystem) : ''
  })
