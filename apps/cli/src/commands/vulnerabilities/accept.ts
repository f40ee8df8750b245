import { VulnerabilityId } from '@skerry/contract/vulnerabilities/osv'
import { command, fits, needed, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'

export const acceptVulnerability = command({
  name: 'vulnerability accept',
  summary: 'Accept the risk of a vulnerability for some time, with a reason',
  details: 'The vulnerability is open again after this time, at most 366 days. The audit log keeps the reason.',
  examples: ['skerry vulnerability accept CVE-2026-1000 --for 30d --reason "the port is closed at all sites"'],
  arguments: { id: required('<id>', 'id of the advisory', fits(VulnerabilityId)) },
  options: {
    seconds: needed('--for <duration>', 'how long, such as 30d; 366 days at most', parseDuration),
    reason: REASON,
  },
  async run({ id, seconds, reason }, session) {
    const { client } = await session.hub()
    const wish = { vulnerability: id, reason, seconds }
    const { untilMs } = await client.vulnerability.accept(wish, { signal: session.signal })
    session.print({ json: { id, untilMs }, text: () => `Accepted ${id} until ${instantText(untilMs)}` })
  },
})

export const withdrawVulnerability = command({
  name: 'vulnerability withdraw',
  summary: 'Withdraw the acceptance of a risk',
  examples: ['skerry vulnerability withdraw CVE-2026-1000'],
  arguments: { id: required('<id>', 'id of the advisory', fits(VulnerabilityId)) },
  options: {},
  async run({ id }, session) {
    const { client } = await session.hub()
    await client.vulnerability.withdraw({ vulnerability: id }, { signal: session.signal })
    session.print({ json: { id }, text: () => `Withdrew the acceptance of ${id}` })
  },
})
