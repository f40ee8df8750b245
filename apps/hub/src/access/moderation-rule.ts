/** Moderation rule: whether the organisation demands a moderator for terminals of a device. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { findRules } from '../approvals/approval-store.ts'
import { storedSelector } from '../deployments/selector-cache.ts'
import { type DeviceRow, factsOf } from '../devices/device-store.ts'
import { expandSelector } from '../groups/group-store.ts'
import type { Tx } from '../store/store.ts'

export type ModerationQuestion = { organisationId: OrganisationId; row: DeviceRow; nowMs: number }

/** Whether the rule picks the device now. */
export async function isModeratorNeeded(tx: Tx, { organisationId, row, nowMs }: ModerationQuestion): Promise<boolean> {
  const { moderated } = await findRules(tx, organisationId)
  if (moderated === undefined || moderated === false) return false
  return storedSelector(await expandSelector(tx, organisationId, moderated)).matches(factsOf(row, nowMs))
}
