/** Host access cautions: the parts of the devices that a version would get, for a person who plans its rollout. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { cautionWords } from '@skerry/core/deployments/plan-cautions'
import { accessIn, partsIn } from '../models/kinds/kinds.ts'
import { resolveVersion } from '../models/version-store.ts'
import type { Db } from '../store/store.ts'

type Planned = {
  organisationId: OrganisationId
  deployable: string
  version: number
  devices: DeploymentPlan['waves'][number]['devices']
  count: number
}

/** One caution for all devices, also for the parts of a system; none for a version that stays in its own files. */
export async function hostAccessCautions(db: Db, planned: Planned): Promise<DeploymentPlan['cautions']> {
  const words = await accessOf(db, planned)
  if (words.length === 0 || planned.count === 0) return []
  const code = 'host_access'
  const message = `${cautionWords[code]}: ${words.join(', ')}`
  return [{ code, message, count: planned.count, devices: planned.devices }]
}

type Versioned = Pick<Planned, 'organisationId' | 'deployable' | 'version'>

async function accessOf(db: Db, { organisationId, deployable, version }: Versioned): Promise<string[]> {
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  if (!found.ok) return []
  const words = new Set(accessIn(found.version))
  for (const part of partsIn(found.version)) {
    for (const word of await accessOf(db, { organisationId, deployable: part.name, version: part.version }))
      words.add(word)
  }
  return [...words]
}
