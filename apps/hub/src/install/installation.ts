/** Device installation: the facts that decide whether a new device of an organisation can be installed. */
import { Architecture } from '@skerry/contract/agents/agent-package'
import { ADDRESSES_MAX, type DeviceInstallation } from '@skerry/contract/joining/device-installation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isLocalHost } from '@skerry/core/joining/install-warnings'
import type { HubConfig } from '../hub.ts'
import { outerAddresses } from '../identity/hub-address.ts'
import type { Db } from '../store/store.ts'
import { offeredPackage } from './offered-package.ts'

/** The addresses of the computer are named only if they are needed: they are nobody's business on a hub of many organisations. */
export async function installationOf(
  db: Db,
  config: Pick<HubConfig, 'publicUrl' | 'listen'>,
  organisationId: OrganisationId,
): Promise<DeviceInstallation> {
  const offered = await Promise.all(
    Architecture.options.map(async (architecture) => {
      const found = await offeredPackage(db, organisationId, architecture)
      return found ? [architecture] : []
    }),
  )
  const packages = offered.flat()
  const hub = config.publicUrl()
  if (!isLocalHost(new URL(hub).hostname)) return { packages }
  return { packages, local: { hub, listen: config.listen(), addresses: outerAddresses().slice(0, ADDRESSES_MAX) } }
}
