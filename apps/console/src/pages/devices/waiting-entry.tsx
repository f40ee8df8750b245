/** Waiting entry: says that devices wait for a person, and leads to them; nothing where none does. */
import { useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { queries } from '../../hub/queries.ts'
import { devicesWords as words } from './english-devices.ts'

/** The entry. */
export function WaitingEntry({ onShow }: { onShow: () => void }) {
  const { data } = useQuery(queries.status())
  const pending = data?.devices.pending ?? 0
  if (pending === 0) return null
  return (
    <div className="flex items-center gap-3 rounded-lg border border-warn/60 bg-surface px-3 py-2 text-sm">
      <Hourglass size={16} aria-hidden className="text-warn" />
      <span className="min-w-0 flex-1">{words.waiting(pending)}</span>
      <Button isSmall onClick={onShow}>
        {words.waitingShow}
      </Button>
    </div>
  )
}
