/** Version cards of a hosted model. */
import { Card } from '../../components/card.tsx'
import { SignatureTable } from '../../pages/models/signature-table.tsx'
import { GoldenCard } from '../../pages/models/version/golden-card.tsx'
import { texts } from '../../texts/english.ts'
import type { DetailOf } from '../of-kind.ts'

type CardProps = { version: DetailOf<'hosted'> }

export const HostedInterfaceCard = ({ version: { hosted } }: CardProps) => (
  <Card title={texts.version.signature} isFlush>
    <SignatureTable summary={hosted} />
  </Card>
)

export const HostedProofCard = ({ version }: CardProps) => <GoldenCard version={version} />
