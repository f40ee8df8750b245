/** Device time: when a device wrote its record, if the record arrived later. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { deviceTimeOf } from '@skerry/core/audit/device-time'
import { texts } from '../../texts/english.ts'
import { Instant } from '../facts/instant.tsx'

export function DeviceTime({ record }: { record: AuditRecord }) {
  const atMs = deviceTimeOf(record)
  if (atMs === undefined) return null
  return (
    <span className="text-soft">
      {' '}
      ({texts.audit.onDevice} <Instant ms={atMs} isAbsolute />)
    </span>
  )
}
