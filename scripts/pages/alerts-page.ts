/** Writes docs/reference/alerts.md out of the table of alerts. */
import { AlertCode } from '@skerry/contract/alerts/alert'
import { alertRules } from '@skerry/core/alerts/alert-rules'

const head = `# Alerts

An alert is a problem that needs a person. The hub derives all alerts from its current facts at each request, so an alert
appears with its cause and disappears with it. You cannot open or close one, but you can acknowledge and shelve alerts about
equipment. The hub shows unknown facts as unknown: a silent
device is an alert, but its last report is not.

You see alerts on the overview of the console, behind its bell, in \`skerry alerts\`, and at \`GET /v1/alerts\`, worst first:

| field | is |
|---|---|
| \`id\` | a stable id while the problem lasts, such as \`devices_failed:oslo\` |
| \`code\`, \`severity\` | a code of the table below, and its severity |
| \`message\`, \`action\` | the problem and the next step, for people |
| \`count\`, \`objects\` | the number of affected objects, and the worst of them |
| \`sinceMs\`, \`dueMs\` | the start of the problem, and the time at which it gets worse by itself, if they are known |
| \`link\` | a path of the console with details |
| \`answer\` | the acknowledgement or the shelving by a person, with its time and comment |

## Acknowledge and shelve

People answer the alerts about equipment: \`process_alarm\`, \`sources_down\` and \`sinks_down\`. An answered alert stays listed, after
all others, and is quiet: the bell does not count it. Both words have the meaning of ISA-18.2.

| command | effect |
|---|---|
| \`skerry alerts ack ALERT --comment TEXT\` | acknowledges the present occurrence. When the alarm has ended and occurs again, it is not acknowledged |
| \`skerry alerts shelve ALERT --for 8h --reason TEXT\` | the alert is quiet for that time, a day at most, also when it occurs again. Then it returns by itself |
| \`skerry alerts unshelve ALERT\` | returns a shelved alert to the list at once. The id of shelved sources is \`sources_down:shelved\` |

The console has the same buttons on the overview and on the page of a device. A person needs the permission \`alert.write\`, and the
audit log has the person, the time, the comment and the occurrences. An alert that stands for several devices is answered for all of
them that the person has seen; a device that joins it later has an open alert. A source or sink that goes down again after a restart
of its agent is a new occurrence. All other alerts end only with their cause.

## All alerts

Devices in the same state give one alert for each site. If more than three sites are affected, they give one alert for all, so
that many devices do not hide other alerts. Branch on \`code\`: codes are part of the API, and are never reused. Messages may
change. This page is written by \`npm run generate\` from \`packages/core/src/alerts/alert-rules.ts\`.

| code | severity | problem | what to do |
|---|---|---|---|
`

/** The whole page. A bar would end a cell of the table. */
export function alertsPage(): string {
  const rows = AlertCode.options.map((code) => {
    const { severity, means, action } = alertRules[code]
    return `| \`${code}\` | ${severity} | ${cell(means)} | ${cell(action)} |\n`
  })
  return head + rows.join('')
}

const cell = (text: string) => text.replaceAll('|', '\\|')
