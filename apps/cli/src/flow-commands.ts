/** Flow commands: what can be done with the file of a flow on this machine. */
import { replayFlowFile } from './commands/replay-flow.ts'
import { runFlow } from './commands/run-flow.ts'
import { validateFlow } from './commands/validate-flow.ts'

export const flowCommands = [validateFlow, runFlow, replayFlowFile]
