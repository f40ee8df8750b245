/** Reported at: when a silent device reported the facts beside it. It renders nothing for a device that reports now. */
import type { DeviceLink, Liveness } from '@skerry/contract/devices/device'
import { isSilent, spokenLiveness } from '@skerry/core/devices/tense'
import { texts } from '../../texts/english.ts'
import { Instant } from './instant.tsx'

/** An older hub does not send the liveness of the device with each answer. */
type ReportedProps = {
  device: { liveness?: Liveness | undefined; link?: DeviceLink | undefined; lastSeenAtMs?: number | undefined }
  /** The last report does not have the fact. */
  isMissing?: boolean
}

export function ReportedAt({ device: { liveness, link, lastSeenAtMs }, isMissing = false }: ReportedProps) {
  if (liveness === undefined || lastSeenAtMs === undefined) return null
  if (!isSilent(link ? spokenLiveness({ liveness, link }) : liveness)) return null
  return (
    <span className="text-xs font-medium whitespace-nowrap text-warn">
      {isMissing ? texts.devices.missingAt : texts.devices.reportedAt} <Instant ms={lastSeenAtMs} />
    </span>
  )
}
