/** Flow commands: the commands for the file of a flow on this machine, and for its versions at the hub. */
import { listFlows } from './commands/list-flows.ts'
import { lookAtFlow } from './commands/look-flow.ts'
import { pushFlow } from './commands/push-flow.ts'
import { replayFlowFile } from './commands/replay-flow.ts'
import { runFlow } from './commands/run-flow.ts'
import { showFlow } from './commands/show-flow.ts'
import { tailFlow } from './commands/tail-flow.ts'
import { validateFlow } from './commands/validate-flow.ts'

export const flowCommands = [validateFlow, runFlow, replayFlowFile, pushFlow, listFlows, showFlow, lookAtFlow, tailFlow]
