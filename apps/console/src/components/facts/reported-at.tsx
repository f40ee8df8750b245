/** Reported at: when a silent device reported the facts beside it. It renders nothing for a device that reports now. */
import type { Liveness } from '@skerry/contract/devices/device'
import { isSilent } from '@skerry/core/devices/tense'
import { texts } from '../../texts/english.ts'
import { Instant } from './instant.tsx'

/** An older hub does not send the liveness of the device with each answer. */
type ReportedProps = {
  device: { liveness?: Liveness | undefined; lastSeenAtMs?: number | undefined }
  /** The last report does not have the fact. */
  isMissing?: boolean
}

export function ReportedAt({ device: { liveness, lastSeenAtMs }, isMissing = false }: ReportedProps) {
  if (liveness === undefined || !isSilent(liveness) || lastSeenAtMs === undefined) return null
  return (
    <span className="text-xs font-medium whitespace-nowrap text-warn">
      {isMissing ? texts.devices.missingAt : texts.devices.reportedAt} <Instant ms={lastSeenAtMs} />
    </span>
  )
}
