/** The export of the audit trail to a syslog receiver. */
import type { Noun } from '../nouns/noun.ts'
import { startSyslog } from './syslog-export.ts'
import { syslogHandlers } from './syslog-handlers.ts'

type Handlers = {
  audit: typeof syslogHandlers
}

const handlers: Handlers = { audit: syslogHandlers }

export const syslogNoun = {
  handlers,
  purge: [['syslog_exports', ['organisation_id']]],
  engines: [startSyslog],
} satisfies Noun
