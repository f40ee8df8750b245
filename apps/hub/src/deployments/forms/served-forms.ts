/** Served forms: the builds that the devices of one deployment serve, and whether newer measurements choose others. */
import type { ServedForm } from '@skerry/contract/builds/named-build'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeploymentId } from '@skerry/contract/values/ids'
import { isSameChoice } from '@skerry/core/builds/choice'
import { preferenceOf } from '@skerry/core/builds/preference'
import { bestBuilds } from '../../builds/choice-store.ts'
import { namedBuilds } from '../../builds/named-build-store.ts'
import { resolveVersion } from '../../models/version-store.ts'
import type { Db } from '../../store/store.ts'
import type { DeploymentInForce } from '../deployment-store.ts'

/** Reads the reports of the deployment's devices, unless none of its revisions has a build. */
export async function formsView(
  db: Db,
  deployment: DeploymentInForce,
): Promise<Pick<Deployment, 'forms' | 'isOutdated'>> {
  if (!(await hasBuilds(db, deployment.id))) return {}
  const [forms, isOutdated] = await Promise.all([servedForms(db, deployment), isOutdatedNow(db, deployment)])
  return { forms, ...(isOutdated && { isOutdated }) }
}

async function hasBuilds(db: Db, id: DeploymentId): Promise<boolean> {
  const row = await db
    .selectFrom('deployment_revisions')
    .select('revision')
    .where('deployment_id', '=', id)
    .where(({ or, eb }) => or([eb('build_id', 'is not', null), eb('build_choices', 'is not', null)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** By the last reports, the newest version first, and of one version the most frequent form. */
async function servedForms(db: Db, { id, organisationId }: DeploymentInForce): Promise<ServedForm[]> {
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .select(['serving_version', 'serving_digest'])
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('deployment_id', '=', id)
    .where('serving_version', 'is not', null)
    .where('devices.status', 'not in', ['revoked', 'wiped', 'wiping'])
    .groupBy(['serving_version', 'serving_digest'])
    .execute()
  const digests = rows.flatMap(({ serving_digest }): Digest[] => (serving_digest === null ? [] : [serving_digest]))
  const builds = await namedBuilds(db, { organisationId, digests, hardwareClass: undefined })
  const forms = rows.map(({ serving_version, serving_digest, devices }): ServedForm => {
    const named = serving_digest === null ? undefined : builds.get(serving_digest)
    const build = named && { build: named.build, recipe: named.recipe }
    return { version: serving_version ?? 1, ...build, devices }
  })
  return forms.sort((a, b) => b.version - a.version || b.devices - a.devices)
}

async function isOutdatedNow(db: Db, deployment: DeploymentInForce): Promise<boolean> {
  const { organisationId, deployable, version, choices, spec } = deployment
  if (!choices) return false
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  return found.ok && !isSameChoice(choices, await bestBuilds(db, found.version, preferenceOf(spec.build)))
}
