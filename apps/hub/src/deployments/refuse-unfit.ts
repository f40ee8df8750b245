/** Refuse unfit: the rules about tests and vulnerabilities that each new rollout of a version must meet. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import type { Db } from '../store/store.ts'
import { refuseUntested } from '../test-reports/version-tests.ts'
import { refuseVulnerable } from '../vulnerabilities/vulnerability-policy.ts'

type Deployed = { organisationId: OrganisationId; deployable: string; version: number }

/**
 * Rejects a rollout of a version that a rule excludes. Rollbacks are not asked: an older result or a newer advisory must
 * never keep a site from its last good version.
 */
export async function refuseUnfit(db: Db, hub: Pick<Hub, 'clock'>, deployed: Deployed): Promise<void> {
  await refuseUntested(db, hub, deployed)
  await refuseVulnerable(db, hub, deployed)
}
