/** Flow commands: what can be done with the file of a flow on this machine, and with its versions at the hub. */

import { lookAtFlow } from './look.ts'
import { listFlows } from './ls.ts'
import { pushFlow } from './push.ts'
import { replayFlowFile } from './replay.ts'
import { runFlow } from './run.ts'
import { showFlow } from './show.ts'
import { tailFlow } from './tail.ts'
import { validateFlow } from './validate.ts'

export const flowCommands = [validateFlow, runFlow, replayFlowFile, pushFlow, listFlows, showFlow, lookAtFlow, tailFlow]
