import { VulnerabilityId } from '@skerry/contract/vulnerabilities/osv'
import type { VulnerabilityDetail } from '@skerry/contract/vulnerabilities/vulnerability'
import { command, fits, required } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'

export const explainVulnerability = command({
  name: 'vulnerability explain',
  summary: 'Explain a vulnerability: the affected parts, the reason for each, the fix, and the devices',
  examples: ['skerry vulnerability explain CVE-2026-1000'],
  arguments: { id: required('<id>', 'id of the advisory', fits(VulnerabilityId)) },
  options: {},
  async run({ id }, session) {
    const { client } = await session.hub()
    const found = await client.vulnerability.get({ vulnerability: id }, { signal: session.signal })
    session.print({ json: found, text: () => linesOf(found).join('\n') })
  },
})

function linesOf(found: VulnerabilityDetail): string[] {
  const { id, aliases, summary, severity, score, state, accepted, components, onDevices, devices } = found
  const names = aliases.length > 0 ? ` (${aliases.join(', ')})` : ''
  const parts = components.flatMap(({ name, version, purl, state: word, reason, fixedIn }) => [
    `  ${name}:${version}  ${word}  ${purl}`,
    `    ${reason}${fixedIn === undefined ? '' : `; fixed in ${fixedIn}`}`,
  ])
  const where = onDevices.map(({ device, site, name, version }) => `  ${device} (${site}) runs ${name}:${version}`)
  return [
    `${id}${names}: ${severity}${score === undefined ? '' : ` ${score.toFixed(1)}`}, ${state}`,
    ...(summary === '' ? [] : [summary]),
    ...(accepted ? [`Accepted by ${accepted.by} until ${instantText(accepted.untilMs)}: ${accepted.reason}`] : []),
    parts.length === 0 ? 'No part of a version is affected.' : 'Parts:',
    ...parts,
    ...(where.length > 0 ? [`Devices (${devices}):`, ...where] : ['No device runs an affected version.']),
  ]
}
