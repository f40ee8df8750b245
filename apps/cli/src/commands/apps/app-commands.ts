/** App commands: the commands for the Compose file of an app on this machine, and for its releases at the hub. */
import { initApp } from './init.ts'
import { lintApp } from './lint.ts'
import { listAppLogs } from './logs.ts'
import { pushApp } from './push.ts'
import { runApp } from './run.ts'

/** The row of the kind has `ls` and `show`. */
export const appCommands = [initApp, lintApp, pushApp, runApp, listAppLogs]
