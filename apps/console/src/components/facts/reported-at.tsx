/** Reported at: when a silent device reported the facts beside it. It renders nothing for a device that reports now. */
import type { Device } from '@skerry/contract/devices/device'
import { isSilent } from '@skerry/core/devices/tense'
import { texts } from '../../texts/english.ts'
import { Instant } from './instant.tsx'

export function ReportedAt({
  device: { liveness, lastSeenAtMs },
}: {
  device: Pick<Device, 'liveness' | 'lastSeenAtMs'>
}) {
  if (!isSilent(liveness) || lastSeenAtMs === undefined) return null
  return (
    <span className="text-xs font-medium whitespace-nowrap text-warn">
      {texts.devices.reportedAt} <Instant ms={lastSeenAtMs} />
    </span>
  )
}
