/** Writes docs/reference/alerts.md out of the table of alerts. */
import { AlertCode } from '@skerry/contract/alerts/alert'
import { alertRules } from '@skerry/core/alerts/alert-rules'

const head = `# Alerts

An alert is a problem that needs a person. The hub derives all alerts from its current facts at each request, so an alert
appears with its cause and disappears with it. You cannot open or close one. The hub shows unknown facts as unknown: a silent
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
