/** Access tab: shows the grants of the device, the terminal, and the sessions with their recordings. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { AccessGrantId } from '@skerry/contract/values/ids'
import { lazy, Suspense, useState } from 'react'
import { Loading } from '../../../components/page-state.tsx'
import { GrantsCard } from './grants-card.tsx'
import { SessionsCard } from './sessions-card.tsx'

/** The terminal is larger than the page, and few visits need it. */
const TerminalCard = lazy(async () => ({ default: (await import('./terminal-card.tsx')).TerminalCard }))

export function AccessTab({ device }: { device: DeviceDetail }) {
  const [grant, setGrant] = useState<AccessGrantId>()
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {grant !== undefined && (
        <Suspense fallback={<Loading />}>
          <TerminalCard device={device.name} grant={grant} onClose={() => setGrant(undefined)} />
        </Suspense>
      )}
      <GrantsCard device={device} isOpen={grant !== undefined} onOpen={setGrant} />
      <SessionsCard device={device.name} />
    </div>
  )
}
