/**
 * Hidden: replaces a part that the person may not see, and gives the reason. It is no error, and a retry would not
 * help.
 */
import { ShieldOff } from 'lucide-react'
import { texts } from '../texts/english.ts'
import { Card } from './card.tsx'
import { Empty } from './page-state.tsx'

export const Hidden = ({ reason }: { reason: string }) => (
  <Card>
    <Empty icon={ShieldOff} title={texts.common.hidden} hint={<span className="wrap-anywhere">{reason}</span>} />
  </Card>
)
