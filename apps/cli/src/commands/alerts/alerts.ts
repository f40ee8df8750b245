import { command } from '../../program/command.ts'
import { alertsText } from './alert-view.ts'

/** The bare word lists, as `skerry alerts` always did, and so does `ls`. */
const listing = (name: string, details: string) =>
  command({
    name,
    summary: 'List the alerts that need a person now, worst first, with the next step',
    details,
    examples: [`skerry ${name}`, `skerry ${name} --json`],
    arguments: {},
    options: {},
    async run(_input, session) {
      const { client } = await session.hub()
      const found = await client.hub.alerts({}, { signal: session.signal })
      session.print({ json: found, text: () => alertsText(found, session) })
    },
  })

export const listAlerts = listing(
  'alerts',
  'Alerts appear and disappear with their causes; docs/reference/alerts.md lists them all. People acknowledge and shelve alerts about equipment: "skerry alerts ack" and "skerry alerts shelve". The exit code is 0 with and without alerts.',
)

export const listAlertsByVerb = listing('alerts ls', 'The same as "skerry alerts".')
