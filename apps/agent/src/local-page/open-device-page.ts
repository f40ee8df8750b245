/** Opens the local page with the parts of the device that it shows. */
import type { HeldKeepers } from '../held/open-keepers.ts'
import type { Identity } from '../joining/identity.ts'
import { type ReportSources, writeReport } from '../link/report.ts'
import type { AgentOptions } from '../options.ts'
import type { JournalledStore } from '../store/agent-store.ts'
import type { UpdateLocks } from '../updates/update-locks.ts'
import { type LocalPage, type LocalPageDeps, openLocalPage } from './open-local-page.ts'
import type { PageDoors } from './page-facts.ts'

export type DevicePageParts = Omit<LocalPageDeps, 'address' | 'data' | 'doors'> &
  Pick<PageDoors, 'consents' | 'diagnose' | 'logs' | 'runner'> & {
    store: JournalledStore
    sources: ReportSources
    keepers: Pick<HeldKeepers, 'connections' | 'placeSettings'>
    /** All locks, also those of facts. */
    locks: Pick<UpdateLocks, 'read'>
    identity(): Identity | undefined
  }

/** The page serves nothing before it runs. */
export function openDevicePage({ page, data, allowRemote }: AgentOptions, parts: DevicePageParts): LocalPage {
  const { sources, keepers, locks, store, identity } = parts
  const doors: PageDoors = {
    ...parts,
    // The identity has certificates, which nobody needs here.
    identity() {
      const known = identity()
      return known && { name: known.name, deviceId: known.deviceId, hub: known.hub }
    },
    report: () => writeReport(sources),
    locks: locks.read,
    connections: keepers.connections.held,
    allowRemote,
    checks: () => keepers.placeSettings.held().checks,
    journal: store.audit,
  }
  return openLocalPage({ ...parts, address: page.address, data, doors })
}
