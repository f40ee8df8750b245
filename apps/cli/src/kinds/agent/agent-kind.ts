/** Agent kind: the package of a version, with its parts. */
import { AGENT_SETTINGS } from '@skerry/contract/agents/agent-settings'
import type { AgentVersionDetail } from '@skerry/contract/models/model'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import type { KindRow } from '../kind-row.ts'

export const agentKind: KindRow<AgentVersionDetail> = {
  noun: 'an agent package',
  showCommand: 'agent show',
  commands: {
    group: 'Agent packages: the software of the devices themselves',
    list: { name: 'agent ls', summary: 'List agent packages', examples: ['skerry agent ls'] },
    show: {
      name: 'agent show',
      summary: 'Show the pushed versions of the agent, or the parts of one',
      examples: ['skerry agent show skerry-agent', 'skerry agent show skerry-agent:2'],
    },
  },
  none: 'no agent packages yet; make one with "npm run pack", and push it with "skerry agent push"',
  devices: 'runs on',
  facts: ({ agent: { version, architectures, node } }) => [
    ['agent', version],
    ['for', architectures.join(', ')],
    ['node', node.path === undefined ? `${node.version}, of the device` : node.version],
  ],
  settings: () => AGENT_SETTINGS,
  table: ({ agent: { parts } }, style) =>
    tableOf(
      style,
      ['PART', 'FORM', 'SIZE'],
      parts.map(({ path, form, sizeBytes }) => [path, form, sizeText(sizeBytes)]),
      '',
    ),
  noInputs: 'which answers no requests',
}
