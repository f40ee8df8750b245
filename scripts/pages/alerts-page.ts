/** Writes docs/reference/alerts.md out of the table of alerts. */
import { AlertCode } from '@skerry/contract/alerts/alert'
import { alertRules } from '@skerry/core/alerts/alert-rules'

const head = `# Alerts

An alert is a finding that needs a person. Nobody raises or closes one: the hub derives them from what it knows whenever
somebody asks, so an alert appears with its cause and goes with it. Where nothing is known, it says so: a device that is
silent is an alert, and what it reported last is not.

They are on the overview of the console and behind its bell, in \`skerry alerts\`, and at \`GET /v1/alerts\`, worst first:

| field | is |
|---|---|
| \`id\` | the same for as long as the finding lasts, such as \`devices_failed:oslo\` |
| \`code\`, \`severity\` | as below |
| \`message\`, \`action\` | what was found, and what to do next, for people |
| \`count\`, \`objects\` | how many it concerns, and the worst of them |
| \`sinceMs\`, \`dueMs\` | since when it is so, and when it gets worse by itself, where that is known |
| \`link\` | where to look: a path of the console |

Devices in the same state are one alert for each site, and one for all where more than three sites are concerned: a
storm does not bury the rest. Branch on \`code\`: codes are part of the API, and none is ever used for something else.
Messages may change. This page is written by \`npm run generate\` from \`packages/core/src/alerts/alert-rules.ts\`.

| code | severity | what is so | what to do |
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
