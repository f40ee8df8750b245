/**
 * Held documents: every document that this hub keeps up to date on devices. A new one is a file beside this one and a
 * line here.
 */
import { authoritiesHeld } from './authorities.ts'
import { campaignsHeld } from './campaigns.ts'
import { capturesHeld } from './captures.ts'
import { connectionsHeld } from './connections.ts'
import type { HeldDocument } from './held-document.ts'
import { learningsHeld } from './learnings.ts'
import { monitorsHeld } from './monitors.ts'
import { pairsHeld } from './pairs.ts'
import { secretsHeld } from './secrets.ts'
import { settingsHeld } from './settings.ts'
import { trustHeld } from './trust.ts'

export const HELD_DOCUMENTS: readonly HeldDocument<unknown, unknown>[] = [
  trustHeld,
  authoritiesHeld,
  secretsHeld,
  connectionsHeld,
  monitorsHeld,
  capturesHeld,
  campaignsHeld,
  learningsHeld,
  pairsHeld,
  settingsHeld,
]
