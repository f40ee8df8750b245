/** The commands on alerts, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { acknowledgeAlert } from './ack.ts'
import { listAlerts, listAlertsByVerb } from './alerts.ts'
import { shelveAlert, unshelveAlert } from './shelve.ts'

export const alertCommands: readonly Command[] = [
  listAlerts,
  listAlertsByVerb,
  acknowledgeAlert,
  shelveAlert,
  unshelveAlert,
]
