/** Remote access: grants, the sessions under them, and the recordings of terminals. */
import type { Noun } from '../nouns/noun.ts'
import { accessHandlers } from './access-handlers.ts'
import { sweepRecordings } from './recording-store.ts'
import { sweepSessions } from './session-end.ts'
import { watchHandlers } from './watch-handlers.ts'

type Handlers = { access: typeof accessHandlers & typeof watchHandlers }

const handlers: Handlers = { access: { ...accessHandlers, ...watchHandlers } }

export const accessNoun = {
  handlers,
  purge: [
    ['access_watchers', ['session_id', 'person_id']],
    ['access_recordings', ['session_id', 'sequence']],
    ['access_sessions', ['id']],
    ['access_grants', ['id']],
  ],
  sweeps: [
    { name: 'access-sessions', everyMs: 10_000, run: sweepSessions },
    { name: 'access-recordings', everyMs: 3_600_000, run: sweepRecordings },
  ],
  raises: { access: ['devices'] },
} satisfies Noun
