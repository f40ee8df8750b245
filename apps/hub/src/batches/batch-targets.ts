/** Batch targets: the devices that a selector selects for a batch now. */

import { BATCH_DEVICES_MAX } from '@skerry/contract/batches/job'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { compileSelector } from '@skerry/core/selectors/selector'
import { livenessOf } from '../devices/liveness.ts'
import { expandSelector } from '../groups/group-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { scanFleet } from '../selectors/fleet-scan.ts'
import type { Db } from '../store/store.ts'
import { COMMANDED, type NewJob } from './job-store.ts'

export type Target = NewJob & { online: boolean }

/** Sorted by name. Throws the contract's problem if the selector is invalid, or selects too many devices. */
export async function batchTargets(
  db: Db,
  { organisationId, selector, nowMs }: { organisationId: OrganisationId; selector: string; nowMs: number },
): Promise<Target[]> {
  const compiled = compileSelector(await expandSelector(db, organisationId, selector))
  if (!compiled.ok) return throwProblem(compiled)
  const targets: Target[] = []
  for await (const { row, facts } of scanFleet(db, organisationId, nowMs)) {
    if (!COMMANDED.includes(row.status) || !compiled.matches(facts)) continue
    targets.push({ id: row.id, name: row.name, site: row.site, online: livenessOf(row, nowMs) === 'online' })
    if (targets.length > BATCH_DEVICES_MAX) throw problem('batch_too_large')
  }
  return targets
}
