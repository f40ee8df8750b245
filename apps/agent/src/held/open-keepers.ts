/** Opens the keepers: each stores one held document on the device's disk, and the rest of the agent reads it there. */

import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { DeviceJournal } from '../auditing/device-journal.ts'
import { noteSecrets } from '../auditing/local-actions.ts'
import type { Conditions } from '../conditions.ts'
import { type ConnectionsDeps, type DeviceConnections, openDeviceConnections } from '../connections/open-connections.ts'
import type { Identity } from '../joining/identity.ts'
import type { AgentOptions } from '../options.ts'
import { openSecretFiles } from '../secrets/secret-files.ts'
import { openSecretKeeper, type SecretKeeper } from '../secrets/secret-keeper.ts'
import { openStoreKey } from '../secrets/store-key.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { openTrustKeeper, type TrustKeeper } from '../verifying/trust-keeper.ts'

export type HeldKeepers = { trust: TrustKeeper; secrets: SecretKeeper; connections: DeviceConnections }

export type Keepers = HeldKeepers & {
  /** From now on, this is who the device is. */
  use(identity: Identity, privateKey: string): void
}

export type KeepersDeps = Pick<ConnectionsDeps, 'send' | 'runner'> & {
  fileSystem: FileSystem
  clock: Clock
  log: Log
  conditions: Conditions
  store: AgentStore
  journal: DeviceJournal
  /** The reconciler has something to look at. */
  wake(): void
}

/** Reads what is on disk. */
export async function openKeepers(options: AgentOptions, deps: KeepersDeps): Promise<Keepers> {
  const secrets = noteSecrets(await openSecrets(options, deps), deps.journal)
  const connections = await openDeviceConnections({ ...deps, data: options.data, secrets, onChange: deps.wake })
  connections.order()
  // A source that names a secret is started anew with the new one.
  const take: SecretKeeper['take'] = async (document) => {
    await secrets.take(document)
    connections.order()
  }
  const trust = await openTrust(options, deps)
  return {
    secrets: { ...secrets, take },
    connections,
    trust,
    use(identity, privateKey) {
      trust.use(identity)
      secrets.use(identity, privateKey)
    },
  }
}

async function openSecrets({ data, secrets }: AgentOptions, { fileSystem, log, conditions }: KeepersDeps) {
  const storeKey = await openStoreKey(fileSystem, data)
  const files = secrets === undefined ? undefined : openSecretFiles(fileSystem, secrets, log)
  return openSecretKeeper({ fileSystem, data, storeKey, files, conditions, log })
}

/** A version that was refused for want of trust is looked at again when other signatures count. */
function openTrust({ data }: AgentOptions, { fileSystem, log, conditions, store, journal, wake }: KeepersDeps) {
  const onChange = () => {
    journal.note('trust-changed')
    for (const { target } of store.lives()) store.tell(target, { kind: 'trust-changed' })
    wake()
  }
  return openTrustKeeper({ fileSystem, data, conditions, log, onChange })
}
