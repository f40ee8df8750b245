/** Version cards of a served model. */
import { Card } from '../../components/card.tsx'
import { SignatureTable } from '../../pages/models/signature-table.tsx'
import { GoldenCard } from '../../pages/models/version/golden-card.tsx'
import { texts } from '../../texts/english.ts'
import type { DetailOf } from '../of-kind.ts'

type CardProps = { version: DetailOf<'served'> }

export const ServedInterfaceCard = ({ version: { served } }: CardProps) => (
  <Card title={texts.version.signature} isFlush>
    <SignatureTable summary={served} />
  </Card>
)

export const ServedProofCard = ({ version }: CardProps) => <GoldenCard version={version} />
