/** `skerry alerts` */

import { command } from '../../program/command.ts'
import { alertsText } from './alert-view.ts'

export const listAlerts = command({
  name: 'alerts',
  summary: 'List the alerts that need a person now, worst first, with the next step',
  details:
    'Alerts appear and disappear with their causes; docs/reference/alerts.md lists them all. The exit code is 0 with and without alerts.',
  examples: ['skerry alerts', 'skerry alerts --json'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const found = await client.hub.alerts({}, { signal: session.signal })
    session.print({ json: found, text: () => alertsText(found, session) })
  },
})
