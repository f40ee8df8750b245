/** Agent kind: the package of a version, with its parts. */
import { AGENT_SETTINGS } from '@skerry/contract/agents/agent-settings'
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

export const agentKind: KindRow<DetailOf<'agent'>> = {
  noun: kindTexts.agent.noun,
  untried: kindTexts.agent.untried,
  facts: ({ agent: { version, architectures, node } }) => [
    [kindTexts.agent.version, version],
    [kindTexts.agent.architectures, architectures.join(', ')],
    [kindTexts.agent.node, node.path === undefined ? kindTexts.agent.ownNode(node.version) : node.version],
  ],
  settings: () => AGENT_SETTINGS,
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'PartsCard'),
}
