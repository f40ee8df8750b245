/** `skerry flow ls` */
import { listCommand } from '../../kinds/kind-commands.ts'

export const listFlows = listCommand({
  kind: 'flow',
  name: 'flow ls',
  summary: 'List flows',
  examples: ['skerry flow ls'],
})
