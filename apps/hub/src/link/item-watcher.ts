/** Item watcher: how other parts of the hub hear, inside the transaction that stores it, that what devices say of their items changed. */
import type { DeviceId, OrganisationId } from '@skerry/contract/ids'
import type { ItemReport } from '@skerry/contract/item'
import type { Tx } from '../store/store.ts'

export type ItemsChange = { organisationId: OrganisationId; deviceId: DeviceId; items: readonly ItemReport[] }

/** Called once a flush with every device whose items changed, never with an empty list. Throwing undoes the flush. */
export type ItemWatcher = (tx: Tx, changes: readonly ItemsChange[]) => Promise<void>
