/** `skerry agent` */
import { becomeApp } from '../../program/app-process.ts'
import { asIs, command, several } from '../../program/command.ts'

export const runAgent = command({
  name: 'agent',
  summary: 'Run the agent of a device; "skerry agent --help" shows its options',
  details: 'This process becomes the agent; it gets all following arguments unchanged.',
  examples: ['skerry agent --data /var/lib/skerry/agent --join skj_...'],
  arguments: { rest: several('[option...]', 'options of the agent', asIs) },
  options: {},
  output: 'none',
  async run({ rest }, { io }) {
    becomeApp('@skerry/agent/main', rest, io)
  },
})
