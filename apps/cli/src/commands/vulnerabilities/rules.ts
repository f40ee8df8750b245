import { ModelPattern } from '@skerry/contract/models/trust'
import { VulnerabilitySeverity } from '@skerry/contract/vulnerabilities/vulnerability'
import type { VulnerabilityRule } from '@skerry/contract/vulnerabilities/vulnerability-rule'
import { command, list } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'

export const setVulnerabilityRules = command({
  name: 'vulnerability set-rules',
  summary: 'Set the rules about vulnerabilities that keep a version from a rollout; replaces all rules',
  details:
    'A rule is PATTERN=SEVERITY and, if needed, possible. The hub starts no rollout of a version with an open vulnerability of this severity or a higher one; with possible, also of those for which it cannot compare the versions. ' +
    'An accepted risk does not count until it ends. A rollback is never kept back, and serving versions continue. Without --rule, no vulnerability keeps a version back.',
  examples: [
    "skerry vulnerability set-rules --rule '*=critical' --yes",
    "skerry vulnerability set-rules --rule 'press-*=high possible' --rule '*=critical' --yes",
  ],
  arguments: {},
  options: { rules: list('--rule <rule>', 'a rule such as press-*=high', parseRule), yes: YES },
  async run({ rules, yes }, session) {
    const hub = await session.hub()
    const { revision } = await hub.client.vulnerabilityPolicy.get({}, { signal: session.signal })
    await session.confirm(`replace the rules about vulnerabilities by ${countText(rules.length, 'rule')}`, yes)
    const wish = { rules, ifRevision: revision }
    const policy = await hub.client.vulnerabilityPolicy.set(wish, { signal: session.signal })
    session.print({
      json: policy,
      text: () => `${countText(policy.rules.length, 'rule')} about vulnerabilities from now on`,
    })
  },
})

export const listVulnerabilityRules = command({
  name: 'vulnerability rules',
  summary: 'Show the rules about vulnerabilities that keep a version from a rollout',
  examples: ['skerry vulnerability rules'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const hub = await session.hub()
    const policy = await hub.client.vulnerabilityPolicy.get({}, { signal: session.signal })
    session.print({
      json: policy,
      text: () =>
        tableOf(
          session.style,
          ['VERSIONS OF', 'SEVERITY', 'ALSO POSSIBLE ONES'],
          policy.rules.map(({ models, severity, possible }) => [models, severity, possible ? 'yes' : 'no']),
          'no rules: no vulnerability keeps a version from a rollout',
        ),
    })
  },
})

const MISTAKE = `must be PATTERN=SEVERITY, then possible if needed, such as press-*=high; the severity is ${VulnerabilitySeverity.options.join(', ')}`

function parseRule(text: string): VulnerabilityRule {
  const [first = '', ...rest] = text.trim().split(/\s+/)
  const [models = '', given] = first.split('=')
  const severity = VulnerabilitySeverity.safeParse(given)
  const isPossible = rest.length === 1 && rest[0] === 'possible'
  if (!ModelPattern.safeParse(models).success || !severity.success || (rest.length > 0 && !isPossible))
    throw new Error(MISTAKE)
  return { models, severity: severity.data, possible: isPossible }
}
