/** Hidden: what stands where somebody may not look, with the reason. It is no error, and asking again helps nobody. */
import { ShieldOff } from 'lucide-react'
import { texts } from '../texts/english.ts'
import { Card } from './card.tsx'
import { Empty } from './page-state.tsx'

export const Hidden = ({ reason }: { reason: string }) => (
  <Card>
    <Empty icon={ShieldOff} title={texts.common.hidden} hint={<span className="wrap-anywhere">{reason}</span>} />
  </Card>
)
