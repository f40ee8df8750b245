/** `skerry hub` */

import { becomeApp } from '../../program/app-process.ts'
import { asIs, command, several } from '../../program/command.ts'

export const runHub = command({
  name: 'hub',
  summary: 'Run a hub; "skerry hub --help" shows its options',
  details: 'This process becomes the hub; it gets all following arguments unchanged.',
  examples: ['skerry hub --data /var/lib/skerry/hub --listen 0.0.0.0:8443'],
  arguments: { rest: several('[option...]', 'options of the hub', asIs) },
  options: {},
  output: 'none',
  async run({ rest }, { io }) {
    becomeApp('@skerry/hub/main', rest, io)
  },
})
