/** The argument of commands that answer an alert. */
import { AlertId } from '@skerry/contract/alerts/alert'
import { fits, required } from '../../program/command.ts'

export const ALERT = required('<alert>', 'id of the alert: see "skerry alerts"', fits(AlertId))
