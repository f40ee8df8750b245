/** The audit trail. Nobody can delete it, so it outlives its organisation. */
import type { Noun } from '../nouns/noun.ts'
import { archiveHandlers } from './archive-handlers.ts'
import { sweepArchives } from './archive-sweep.ts'
import { auditHandlers } from './audit-handlers.ts'
import { sweepCheckpoints } from './checkpoints.ts'

type Handlers = {
  audit: typeof auditHandlers & typeof archiveHandlers
}

const handlers: Handlers = { audit: { ...auditHandlers, ...archiveHandlers } }

export const auditNoun = {
  handlers,
  kept: ['audit_records', 'audit_checkpoints', 'audit_archives', 'audit_retention'],
  sweeps: [
    { name: 'audit_archives', everyMs: 10_000, run: sweepArchives },
    { name: 'checkpoints', everyMs: 10_000, run: sweepCheckpoints },
  ],
} satisfies Noun
