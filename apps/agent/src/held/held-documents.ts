/**
 * Held documents: every document that the hub keeps in step with this device. A new one is a file beside this one and a
 * line here.
 */
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { AuthorityKeeper } from '../joining/authority-keeper.ts'
import { authoritiesHeld } from './authorities.ts'
import { campaignsHeld } from './campaigns.ts'
import { capturesHeld } from './captures.ts'
import { connectionsHeld } from './connections.ts'
import type { HeldDocument } from './held-document.ts'
import { learningsHeld } from './learnings.ts'
import { monitorsHeld } from './monitors.ts'
import type { HeldKeepers } from './open-keepers.ts'
import { pairsHeld } from './pairs.ts'
import { secretsHeld } from './secrets.ts'
import { settingsHeld } from './settings.ts'
import { trustHeld } from './trust.ts'

/** The parts of the device that documents may need. */
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
  monitorsHeld(ground.monitors),
  capturesHeld(ground.captures),
  campaignsHeld(ground.campaigns),
  learningsHeld(ground.learnings),
  pairsHeld(ground.pairs),
  settingsHeld(ground.placeSettings),
]
