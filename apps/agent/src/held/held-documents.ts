/** Held documents: every document that the hub keeps this device in step with. A new one is a file beside this one and a line here. */
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { AuthorityKeeper } from '../joining/authority-keeper.ts'
import { authoritiesHeld } from './authorities.ts'
import { connectionsHeld } from './connections.ts'
import type { HeldDocument } from './held-document.ts'
import type { HeldKeepers } from './open-keepers.ts'
import { secretsHeld } from './secrets.ts'
import { trustHeld } from './trust.ts'

/** What documents may need of the device. */
export type HeldGround = HeldKeepers & {
  authorities: AuthorityKeeper
  fileSystem: FileSystem
  data: string
  conditions: Conditions
  log: Log
}

export const heldDocuments = (ground: HeldGround): readonly HeldDocument<unknown, unknown>[] => [
  trustHeld(ground.trust),
  authoritiesHeld(ground.authorities),
  secretsHeld(ground.secrets),
  connectionsHeld(ground.connections),
]
