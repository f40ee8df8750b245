import { allRows } from '@skerry/client/page'
import { VulnerabilityState } from '@skerry/contract/vulnerabilities/vulnerability'
import { command, fits, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const listVulnerabilities = command({
  name: 'vulnerability ls',
  summary: 'List the vulnerabilities that match parts of versions, open and severe ones first',
  details:
    'A vulnerability is open, possible (the hub cannot compare the versions, so a person must look), accepted by a person until a time, ' +
    'or harmless by a VEX statement. The devices are those that run an affected version by their last reports.',
  examples: ['skerry vulnerability ls', 'skerry vulnerability ls --state open'],
  arguments: {},
  options: { state: value('--state <state>', 'only this state', fits(VulnerabilityState)) },
  async run({ state }, session) {
    const { client } = await session.hub()
    const only = state === undefined ? {} : { state }
    const found = await allRows((page) => client.vulnerability.list({ ...page, ...only }, { signal: session.signal }))
    session.print({
      json: found,
      text: () =>
        tableOf(
          session.style,
          ['ID', 'SEVERITY', 'STATE', 'VERSIONS', 'DEVICES', 'SUMMARY'],
          found.map(({ id, severity, score, state: word, versions, devices, summary, accepted }) => [
            id,
            score === undefined ? severity : `${severity} ${score.toFixed(1)}`,
            word === 'accepted' ? `accepted until ${instantText(accepted?.untilMs)}` : word,
            String(versions),
            String(devices),
            summary.slice(0, SUMMARY_SHOWN),
          ]),
          'No imported advisory matches a part of a version. `skerry vulnerability parts` gives a version its parts.',
        ),
    })
  },
})

/** A line of a terminal has room for so much of it. */
const SUMMARY_SHOWN = 60
