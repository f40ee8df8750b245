/** Agent commands: packages of the agent at the hub. The row of the kind has `ls` and `show`. */
import { pushAgent } from './push.ts'

export const agentCommands = [pushAgent]
