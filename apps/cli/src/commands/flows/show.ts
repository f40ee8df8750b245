/** `skerry flow show` */
import { showCommand } from '../../kinds/kind-commands.ts'

export const showFlow = showCommand({
  kind: 'flow',
  name: 'flow show',
  summary: 'Show a flow with its versions, or the inputs, steps and sinks of one version',
  examples: ['skerry flow show pump', 'skerry flow show pump:2', 'skerry flow show pump@champion'],
})
