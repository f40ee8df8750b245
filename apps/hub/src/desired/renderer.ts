/**
 * Renderer: derives the documents of the devices in the queue, and issues those whose content changed. Whatever a crash interrupts is still
 * in the queue afterwards, and deriving a document again gives the same one.
 */
import type { DesiredItem } from '@skerry/contract/desired'
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/ids'
import { canonicalJson } from '@skerry/core/canonical-json'
import { type Claim, desiredItems, type Offer, offeredRevision } from '@skerry/core/desired'
import { isOffered } from '@skerry/core/rollout-state'
import { digestOf } from '@skerry/platform/hash'
import { issueDocument } from '../link/issued-store.ts'
import { filesOf } from '../models/version-store.ts'
import type { RolloutMemberTable } from '../store/deployment-tables.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Store, Tx } from '../store/store.ts'
import { dequeueDevices, queuedDevices } from './desired-queue.ts'

/** Devices in one transaction: a few tens of milliseconds, so that a person's request seldom waits for longer. */
const DEVICES_PER_TRANSACTION = 100

export type RenderedBatch = {
  /** Devices with a new document: publish `desired.changed` for each. */
  issued: DeviceId[]
  /** Devices that stay in the queue. */
  failed: { deviceId: DeviceId; error: unknown }[]
  /** The last device that was looked at; undefined where there was none, which is the end. */
  last: DeviceId | undefined
}

/** Derives the documents of the next devices of the queue. One that fails keeps no other waiting. */
export async function renderQueued(
  store: Store,
  { after, nowMs }: { after: DeviceId | undefined; nowMs: number },
): Promise<RenderedBatch> {
  const ids = await queuedDevices(store.db, { after, limit: DEVICES_PER_TRANSACTION })
  const last = ids.at(-1)
  if (last === undefined) return { issued: [], failed: [], last }
  try {
    return { issued: await store.transaction((tx) => renderDevices(tx, ids, nowMs)), failed: [], last }
  } catch {
    return { ...(await renderOneByOne(store, ids, nowMs)), last }
  }
}

/** So many failures in a row are not the devices' fault but the disk's: the others would only fail, too. */
const FAILURES_IN_A_ROW = 3

async function renderOneByOne(
  store: Store,
  ids: readonly DeviceId[],
  nowMs: number,
): Promise<Omit<RenderedBatch, 'last'>> {
  const issued: DeviceId[] = []
  const failed: RenderedBatch['failed'] = []
  for (const [index, deviceId] of ids.entries()) {
    if (index === FAILURES_IN_A_ROW && failed.length === index) break
    try {
      issued.push(...(await store.transaction((tx) => renderDevices(tx, [deviceId], nowMs))))
    } catch (error) {
      failed.push({ deviceId, error })
    }
  }
  return { issued, failed }
}

async function renderDevices(tx: Tx, ids: readonly DeviceId[], nowMs: number): Promise<DeviceId[]> {
  const contents = createContents(tx)
  const issued: DeviceId[] = []
  for (const device of await activeDevices(tx, ids)) {
    if (await renderDevice(tx, { ...device, contents, nowMs })) issued.push(device.id)
  }
  await dequeueDevices(tx, ids)
  return issued
}

/** Nothing new is offered to a device that waits for approval, is in conflict, or is revoked; its change of status queues it again. */
function activeDevices(db: Db, ids: readonly DeviceId[]) {
  return db.selectFrom('devices').select('id').where('id', 'in', ids).where('status', '=', 'active').execute()
}

type Rendering = { id: DeviceId; contents: Contents; nowMs: number }

/** Whether the device got a new document. */
async function renderDevice(tx: Tx, { id, contents, nowMs }: Rendering): Promise<boolean> {
  const claims = await claimsOf(tx, id)
  const offers: Offer[] = []
  for (const claim of claims) {
    const revision = offeredRevision(claim)
    if (revision === undefined) continue
    const content = await contents.of(claim, revision)
    const { deploymentId, retryToken, deploymentCreatedAtMs } = claim
    offers.push({ item: { ...content, deploymentId, revision, retryToken }, deploymentCreatedAtMs })
  }
  const { items } = desiredItems(offers)
  if (items.length === 0 && (await isBlank(tx, id))) return false
  const digest = digestOf(canonicalJson(items))
  const document = await issueDocument(tx, { deviceId: id, items, digest, nowMs })
  for (const { member, rollout, revision, deploymentId } of claims) {
    const isInDocument = items.some((item) => item.deploymentId === deploymentId && item.revision === revision)
    if (!isInDocument || member.offered_generation !== null || !isOffered(rollout, member)) continue
    await keepGeneration(tx, member, document.generation)
  }
  return document.isNew
}

/** Whether the device neither has nor ever had a document: it need not be told that it shall run nothing. */
async function isBlank(db: Db, id: DeviceId): Promise<boolean> {
  const row = await db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .select(['devices.generation', 'device_reports.observed_generation'])
    .where('devices.id', '=', id)
    .executeTakeFirst()
  return row?.generation === 0 && (row.observed_generation ?? 0) === 0
}

type RowClaim = Claim & {
  organisationId: OrganisationId
  member: RolloutMemberTable & { previousRevision: number | undefined }
  retryToken: number
  deploymentCreatedAtMs: number
}

/** What each deployment says about the device. */
async function claimsOf(db: Db, deviceId: DeviceId): Promise<RowClaim[]> {
  const rows = await db
    .selectFrom('rollout_members')
    .innerJoin('deployments', 'deployments.rollout_id', 'rollout_members.rollout_id')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .leftJoin('device_retries', (join) =>
      join
        .onRef('device_retries.device_id', '=', 'rollout_members.device_id')
        .onRef('device_retries.deployment_id', '=', 'deployments.id'),
    )
    .selectAll('rollout_members')
    .select([
      'deployments.id as deployment_id',
      'deployments.stable_revision',
      'deployments.created_at_ms',
      'rollouts.revision',
      'rollouts.state',
      'device_retries.retry_token',
    ])
    .where('rollout_members.device_id', '=', deviceId)
    .execute()
  return rows.map((row) => ({
    organisationId: row.organisation_id,
    deploymentId: row.deployment_id,
    rollout: fromJson(row.state),
    revision: row.revision,
    member: { ...row, previousRevision: row.previous_revision ?? undefined },
    stableRevision: row.stable_revision ?? undefined,
    retryToken: row.retry_token ?? 0,
    deploymentCreatedAtMs: row.created_at_ms,
  }))
}

async function keepGeneration(tx: Tx, member: RolloutMemberTable, generation: number): Promise<void> {
  await tx
    .updateTable('rollout_members')
    .set({ offered_generation: generation })
    .where('rollout_id', '=', member.rollout_id)
    .where('device_id', '=', member.device_id)
    .execute()
}

/** What a revision puts into a document; the same for every device, so it is looked up once a batch. */
type Content = Omit<DesiredItem, 'deploymentId' | 'revision' | 'retryToken'>
type Contents = { of(claim: RowClaim, revision: number): Promise<Content> }

function createContents(db: Db): Contents {
  const known = new Map<string, Promise<Content>>()
  return {
    of({ organisationId, deploymentId }, revision) {
      const key = `${deploymentId}/${revision}`
      const content = known.get(key) ?? findContent(db, { organisationId, deploymentId, revision })
      known.set(key, content)
      return content
    },
  }
}

type Revision = { organisationId: OrganisationId; deploymentId: DeploymentId; revision: number }

/** A revision that is offered is never forgotten. If it is missing all the same, devices keep what they have rather than lose it. */
async function findContent(db: Db, { organisationId, deploymentId, revision }: Revision): Promise<Content> {
  const row = await db
    .selectFrom('deployment_revisions')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'deployment_revisions.organisation_id')
        .onRef('versions.model', '=', 'deployment_revisions.model')
        .onRef('versions.version', '=', 'deployment_revisions.version'),
    )
    .select([
      'deployment_revisions.spec',
      'versions.id',
      'versions.model',
      'versions.version',
      'versions.digest',
      'versions.bundle',
    ])
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.deployment_id', '=', deploymentId)
    .where('deployment_revisions.revision', '=', revision)
    .executeTakeFirst()
  if (!row) throw new Error(`revision ${revision} of deployment ${deploymentId}, or its version, is not stored`)
  const files = await filesOf(db, row.id)
  const { serving, probation } = fromJson(row.spec)
  const { model, version, digest, bundle } = row
  return { model, version, digest, files, bundle: fromJson(bundle), serving, probation }
}
