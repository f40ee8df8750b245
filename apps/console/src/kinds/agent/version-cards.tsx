/** Version cards of an agent package. */
import { AgentPartsCard } from '../../pages/agents/parts-card.tsx'
import type { DetailOf } from '../of-kind.ts'

export const PartsCard = ({ version: { agent } }: { version: DetailOf<'agent'> }) => <AgentPartsCard agent={agent} />
