/** Options that several commands share. */
import { Reason } from '@skerry/contract/names'
import { fits, flag, needed } from './command.ts'

/** For what destroys something. */
export const YES = flag('-y, --yes', 'do not ask')

/** For what a person decides, and others will want to understand. */
export const REASON = needed('--reason <text>', 'why, for the audit trail', fits(Reason))
