/** Version cards of a flow. */
import type { FlowVersionDetail } from '@skerry/contract/models/model'
import { FlowNeedsCard, FlowPartsCard } from '../../pages/models/version/flow-cards.tsx'
import { FlowGraphCard } from '../../pages/models/version/flow-graph-card.tsx'

type CardProps = { version: FlowVersionDetail }

export const GraphCard = ({ version: { flow } }: CardProps) => <FlowGraphCard flow={flow} />

export const PartsCard = ({ version: { flow } }: CardProps) => <FlowPartsCard flow={flow} />

export const NeedsCard = ({ version: { flow, goldenCases } }: CardProps) => (
  <FlowNeedsCard flow={flow} goldenCases={goldenCases} />
)
