/**
 * Local page: the device's own web page. It exists as soon as the device has a password for it, and works without the
 * hub. Its modules are loaded only then, because most devices have none.
 */
import type { FileSystem } from '@skerry/platform/files/file-system'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from '../auditing/device-journal.ts'
import type { Conditions } from '../conditions.ts'
import type { Address } from '../options.ts'
import type { PageDoors } from './page-facts.ts'
import { readPassword } from './page-password.ts'

export type LocalPageDeps = {
  address: Address | undefined
  data: string
  doors: PageDoors
  fileSystem: FileSystem
  clock: Clock
  log: Log
  conditions: Conditions
  journal: Pick<DeviceJournal, 'note'>
}

export type LocalPage = {
  /** Serves the page until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** The hub has answered. */
  hubHeard(): void
}

/** A person who has set the first password waits this long for the page. Looking for a file costs nothing. */
const LOOK_MS = 5_000

/** The code of the condition, when the page cannot listen. */
const UNAVAILABLE = 'page_unavailable'

/** Nothing is served before `run`. */
export function openLocalPage(deps: LocalPageDeps): LocalPage {
  let hubHeardMs: number | undefined
  return {
    hubHeard() {
      hubHeardMs = deps.clock.nowMs()
    },
    async run(signal) {
      const { address, clock, conditions } = deps
      if (!address) return
      for (;;) {
        if (await readPassword(deps.fileSystem, deps.data)) {
          const problem = await serve(deps, address, () => hubHeardMs, signal)
          signal.throwIfAborted()
          conditions.raise({ code: UNAVAILABLE, message: `the page of the device cannot be served: ${problem}` })
        }
        await clock.sleep(LOOK_MS, signal)
      }
    },
  }
}

/** Resolves with the reason, if the page cannot listen. */
async function serve(
  { data, doors, fileSystem, clock, log, conditions, journal }: LocalPageDeps,
  address: Address,
  hubHeardMs: () => number | undefined,
  signal: AbortSignal,
): Promise<string> {
  const [{ servePage }, { createPageRoutes }] = await Promise.all([
    import('./page-server.ts'),
    import('./page-routes.ts'),
  ])
  try {
    const secure = isLoopback(address.host) ? undefined : await certificateOf(fileSystem, data, clock)
    const password = () => readPassword(fileSystem, data)
    const routes = createPageRoutes({ doors, password, journal, hubHeardMs, isSecure: secure !== undefined })
    const onListen = (url: string) => {
      conditions.clear(UNAVAILABLE)
      log.info('page_ready', { url, ...(secure && { fingerprint: secure.fingerprint }) })
    }
    await servePage({ address, credentials: secure?.credentials, routes, log, onListen }, signal)
    return 'the server ended'
  } catch (error) {
    return systemCode(error) ?? (error instanceof Error ? error.message : String(error))
  }
}

const certificateOf = async (fileSystem: FileSystem, data: string, clock: Clock) =>
  (await import('./page-certificate.ts')).openPageCertificate(fileSystem, data, clock.nowMs())

/** `localhost` could be made to mean another address, but only by the operator of this computer. */
const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host)
