/**
 * Renderer: derives the documents of the devices in the queue, and issues the changed ones. After a crash the
 * interrupted devices are still in the queue. Deriving a document again gives the same document.
 */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { ClassBuild, SessionSettings } from '@skerry/contract/builds/measurement'
import type { DesiredItem, ItemOf } from '@skerry/contract/devices/desired'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import { Serving } from '@skerry/contract/models/serving'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, DeploymentId, DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { choiceFor } from '@skerry/core/builds/choice'
import { servingWith } from '@skerry/core/builds/session-settings'
import {
  type Claim,
  desiredItems,
  isOfferHeld,
  isWayBack,
  type Offer,
  offeredRevision,
} from '@skerry/core/devices/desired'
import { kindedSpec, settingsOf } from '@skerry/core/kinds/kinds'
import { isEnded, isLeaving, isOffered, type RolloutState } from '@skerry/core/rollouts/rollout-state'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { hardwareClasses } from '../builds/class-form-store.ts'
import { buildContent } from '../builds/resolve-build.ts'
import { activeStandings, type IssuedGeneration, issueDocuments, type NewDocument } from '../link/issued-store.ts'
import { filesOf, resolveVersion } from '../models/version-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db, Store, Tx } from '../store/store.ts'
import type { DeploymentRevisionTable, RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import type { StoredPart } from '../systems/part-store.ts'
import { type OfferedPart, openStaging, type Staging } from '../systems/staging.ts'
import { versionSignatures } from '../trust/trust-store.ts'
import { dequeueDevices, queuedDevices } from './desired-queue.ts'
import { createPlacedConfigs } from './placed-configs.ts'

/**
 * Devices in one transaction. Their documents are sent before other work gets its turn, which takes longer than
 * deriving them: some 20 ms.
 */
const DEVICES_PER_TRANSACTION = 50

export type RenderedBatch = {
  /** Devices with a new document: publish `desired.changed` for each. */
  issued: DeviceId[]
  /** Devices that stay in the queue. */
  failed: { deviceId: DeviceId; error: unknown }[]
  /** The last device that was processed; undefined if the queue is at its end. */
  last: DeviceId | undefined
}

/** Derives the documents of the next devices in the queue. A failure of one device does not block the others. */
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

/** After this many failures in a row the disk is the likely cause, and the other devices would fail as well. */
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

/**
 * The hub offers nothing new to a device that is pending, in conflict, or revoked. The change of its status queues it
 * again.
 */
async function renderDevices(tx: Tx, ids: readonly DeviceId[], nowMs: number): Promise<DeviceId[]> {
  const standings = await activeStandings(tx, ids)
  const rows = await claimsOf(tx, ids)
  const claims = Map.groupBy(rows, ({ deviceId }) => deviceId)
  const staging = await openStaging(tx, ids, rows)
  const contents = createContents(tx, ids)
  const shared = new Map<string, Rendered>()
  const documents: NewDocument[] = []
  for (const [deviceId, standing] of standings) {
    const offers = await offersOf(claims.get(deviceId) ?? [], contents, staging)
    const rendered = render(offers, shared)
    // A device that never had a document needs no document without items.
    const isBlank = rendered.items.length === 0 && standing.generation === 0 && standing.observed === 0
    if (!isBlank) documents.push({ deviceId, ...rendered, standing })
  }
  const issued = await issueDocuments(tx, documents, nowMs)
  await staging.save(tx, issued, nowMs)
  await keepGenerations(
    tx,
    issued.flatMap((one, index) => keptOf(one, documents[index]?.items ?? [], claims)),
  )
  await dequeueDevices(tx, ids)
  return issued.filter(({ isNew }) => isNew).map(({ deviceId }) => deviceId)
}

async function offersOf(claims: readonly RowClaim[], contents: Contents, staging: Staging): Promise<Offer[]> {
  const offers: Offer[] = []
  for (const claim of claims) {
    const parts = staging.partsFor(claim)
    if (parts) {
      offers.push(...(await partOffers(claim, parts, contents)))
      continue
    }
    const revision = offeredRevision(claim)
    if (revision === undefined) continue
    const { window, ...content } = await contents.of(claim, revision)
    const windows = window && !isWayBack(claim) ? { window } : {}
    const { deploymentId, retryToken, deploymentCreatedAtMs } = claim
    const hold = isOfferHeld(claim) ? ({ hold: true } as const) : {}
    const item: DesiredItem = { ...content, ...windows, ...hold, deploymentId, revision, retryToken }
    offers.push({ item, deploymentCreatedAtMs })
  }
  return offers
}

/** The items of a system release. Its own version has no item on a device. */
function partOffers(claim: RowClaim, parts: readonly OfferedPart[], contents: Contents): Promise<Offer[]> {
  const { deploymentId, deploymentCreatedAtMs } = claim
  return Promise.all(
    parts.map(async ({ revision, part, retryToken, isBack }) => {
      const { window, ...content } = await contents.ofPart(claim, revision, part)
      const windows = window && !isBack ? { window } : {}
      return { item: { ...content, ...windows, deploymentId, revision, retryToken }, deploymentCreatedAtMs }
    }),
  )
}

type Rendered = { items: DesiredItem[]; digest: Digest }

/** Devices with the same offers share one document: it is written and hashed once a batch. */
function render(offers: readonly Offer[], shared: Map<string, Rendered>): Rendered {
  const key = offers
    .map(({ item }) => {
      const { deploymentId, revision, digest, retryToken, window, hold } = item
      return `${deploymentId} ${revision} ${digest} ${retryToken} ${window !== undefined} ${hold} ${settingsOf(item)}`
    })
    .join('\n')
  const known = shared.get(key)
  if (known) return known
  const { items } = desiredItems(offers)
  const rendered = { items, digest: digestOf(canonicalJson(items)) }
  shared.set(key, rendered)
  return rendered
}

type KeptGeneration = { rolloutId: RolloutId; deviceId: DeviceId; generation: number }

/** The rollouts that the document offers for the first time. Earlier reports of the device are no answer to them. */
function keptOf(
  { deviceId, generation }: IssuedGeneration,
  items: readonly DesiredItem[],
  claims: ReadonlyMap<DeviceId, readonly RowClaim[]>,
): KeptGeneration[] {
  // For a leaving device, the first document without the deployment is the offer.
  const isIn = ({ deploymentId, revision, rollout, member }: RowClaim) =>
    isLeaving(rollout, member) || items.some((item) => item.deploymentId === deploymentId && item.revision === revision)
  return (claims.get(deviceId) ?? [])
    .filter(
      // A device that waits for the switch-over has prepared the revision, but has no offer to switch yet. A device that
      // joined a finished rollout waits for nothing, so its report must count.
      (claim) =>
        isIn(claim) &&
        claim.member.offered_generation === null &&
        (claim.member.outcome !== 'waiting' || isEnded(claim.rollout)) &&
        isOffered(claim.rollout, claim.member),
    )
    .map(({ member }) => ({ rolloutId: member.rollout_id, deviceId, generation }))
}

async function keepGenerations(tx: Tx, kept: readonly KeptGeneration[]): Promise<void> {
  const groups = Map.groupBy(kept, ({ rolloutId, generation }) => `${rolloutId} ${generation}`)
  for (const group of groups.values()) {
    const [first] = group
    if (!first) continue
    await tx
      .updateTable('rollout_members')
      .set({ offered_generation: first.generation })
      .where('rollout_id', '=', first.rolloutId)
      .where('device_id', 'in', padded(group.map(({ deviceId }) => deviceId)))
      .execute()
  }
}

type RowClaim = Claim & {
  deviceId: DeviceId
  organisationId: OrganisationId
  member: RolloutMemberTable & { previousRevision: number | undefined }
  retryToken: number
  deploymentCreatedAtMs: number
}

/** The claims of all deployments on each of the devices. */
async function claimsOf(db: Db, deviceIds: readonly DeviceId[]): Promise<RowClaim[]> {
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
    .where('rollout_members.device_id', 'in', padded(deviceIds))
    .execute()
  const states = new Map(rows.map(({ state }) => [state, undefined as RolloutState | undefined]))
  for (const text of states.keys()) states.set(text, fromJson(text))
  return rows.map((row) => ({
    deviceId: row.device_id,
    organisationId: row.organisation_id,
    deploymentId: row.deployment_id,
    rollout: states.get(row.state) ?? fromJson(row.state),
    revision: row.revision,
    member: { ...row, previousRevision: row.previous_revision ?? undefined },
    stableRevision: row.stable_revision ?? undefined,
    retryToken: row.retry_token ?? 0,
    deploymentCreatedAtMs: row.created_at_ms,
  }))
}

/**
 * The fields of a revision in a document. They are the same for every device that gets the same build, so they are
 * loaded once a batch for each build.
 */
type Content = {
  [Kind in VersionKind]: Omit<ItemOf<Kind>, 'deploymentId' | 'revision' | 'retryToken'>
}[VersionKind]
type Contents = {
  of(claim: RowClaim, revision: number): Promise<Content>
  /** A part gets its settings from the release, and all else from the deployment. */
  ofPart(claim: RowClaim, revision: number, part: StoredPart): Promise<Content>
}

function createContents(db: Db, ids: readonly DeviceId[]): Contents {
  const revisions = new Map<string, Promise<RevisionRow>>()
  const parts = new Map<string, Promise<Content>>()
  const contents = new Map<string, Promise<Content>>()
  let classes: Promise<ReadonlyMap<DeviceId, string>> | undefined
  // Only a revision with choices depends on the class, so other batches do not read the inventories.
  const formOf = async (deviceId: DeviceId, { choices, build_id }: RevisionRow): Promise<Form> => {
    if (!choices) return { build: build_id ?? undefined }
    classes ??= hardwareClasses(db, ids)
    return choiceFor(choices, (await classes).get(deviceId)) ?? {}
  }
  const configs = createPlacedConfigs(db, ids)
  const rowOf = ({ organisationId, deploymentId }: RowClaim, revision: number) => {
    const key = `${deploymentId}/${revision}`
    const found = revisions.get(key) ?? findRevision(db, { organisationId, deploymentId, revision })
    revisions.set(key, found)
    return found
  }
  return {
    async ofPart(claim, revision, part) {
      const key = `${claim.deploymentId}/${revision}/${part.name}`
      const content = parts.get(key) ?? rowOf(claim, revision).then((row) => partContent(db, row, claim, part))
      parts.set(key, content)
      return content
    },
    async of(claim, revision) {
      const { deploymentId, deviceId } = claim
      const key = `${deploymentId}/${revision}`
      const row = await rowOf(claim, revision)
      const form = await formOf(deviceId, row)
      const { build = '', session } = form
      const config = await configs.of(deviceId, row)
      const formKey = `${key}/${build}/${session ? `${session.threads} ${session.spin}` : ''}/${config.key}`
      const content = contents.get(formKey) ?? contentOf(db, row, { ...form, ...config.settings })
      contents.set(formKey, content)
      return content
    },
  }
}

type Revision = { organisationId: OrganisationId; deploymentId: DeploymentId; revision: number }

/** An offered revision is never deleted. If it is missing nevertheless, devices keep their present version. */
async function findRevision(db: Db, { organisationId, deploymentId, revision }: Revision): Promise<RevisionRow> {
  const row = await db
    .selectFrom('deployment_revisions')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'deployment_revisions.organisation_id')
        .onRef('versions.name', '=', 'deployment_revisions.name')
        .onRef('versions.version', '=', 'deployment_revisions.version'),
    )
    .select([
      'deployment_revisions.spec',
      'deployment_revisions.build_id',
      'deployment_revisions.build_choices',
      'versions.id',
      'versions.kind',
      'versions.name',
      'versions.version',
      'versions.digest',
      'versions.bundle',
    ])
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.deployment_id', '=', deploymentId)
    .where('deployment_revisions.revision', '=', revision)
    .executeTakeFirst()
  if (!row) throw new Error(`revision ${revision} of deployment ${deploymentId}, or its version, is not stored`)
  return { ...row, choices: row.build_choices === null ? undefined : fromJson(row.build_choices) }
}

type RevisionRow = Pick<VersionTable, 'id' | 'kind' | 'name' | 'version' | 'digest' | 'bundle'> &
  Pick<DeploymentRevisionTable, 'spec' | 'build_id'> & { choices: readonly ClassBuild[] | undefined }

/** The build and the settings of its session; absent for the version itself. */
type Form = { build?: BuildId | undefined; session?: SessionSettings | undefined; config?: AppConfig }

async function contentOf(db: Db, row: RevisionRow, { build, session, config }: Form): Promise<Content> {
  const content = await filesWithBundle(db, row, build)
  const spec = fromJson(row.spec)
  const { window, ignoreLocks, switchOver, shadow } = spec.strategy
  return {
    ...kindedSpec(row.kind, { ...spec, ...(config && { config }), serving: servingWith(spec.serving, session) }),
    name: row.name,
    version: row.version,
    ...content,
    probation: spec.probation,
    // A version without promotion is only compared: its devices hold it in the shadow stage.
    ...(shadow && !shadow.promote && { hold: true }),
    ...(switchOver && { keepSeconds: switchOver.keepSeconds }),
    ...(spec.placement?.dataClass && { dataClass: spec.placement.dataClass }),
    ...(spec.placement?.residency && { residency: spec.placement.residency }),
    ...(window && { window }),
    ...(ignoreLocks && { ignoreLocks }),
  }
}

async function partContent(
  db: Db,
  row: RevisionRow,
  { organisationId }: Pick<RowClaim, 'organisationId'>,
  { name, version, serving, config, isOfSystem }: StoredPart,
): Promise<Content> {
  if (!isOfSystem) return contentOf(db, row, { build: row.build_id ?? undefined })
  const found = await resolveVersion(db, { organisationId, name }, String(version))
  if (!found.ok) throw new Error(`the part ${name}:${version} of a deployed system is not stored`)
  const { config: _, ...spec } = fromJson(row.spec)
  const settings = { ...spec, serving: serving ?? PART_SERVING, ...(config && { config }) }
  const part = { ...found.version, spec: toJson(settings), build_id: null, choices: undefined }
  return contentOf(db, part, {})
}

/** The settings of a part that states none. */
const PART_SERVING = Serving.parse({})

type Stored = Pick<VersionTable, 'id' | 'digest' | 'bundle'>

/** The files with their signatures: of the build, or of the version itself. Publishers sign versions only. */
async function filesWithBundle(db: Db, { id, digest, bundle }: Stored, buildId: BuildId | undefined) {
  if (buildId !== undefined) {
    const build = await buildContent(db, buildId)
    if (!build) throw new Error(`the deployed build ${buildId} is not stored`)
    return build
  }
  const files = await filesOf(db, id)
  const signatures = (await versionSignatures(db, id)).map((each) => fromJson(each.bundle))
  return { digest, files, bundle: fromJson(bundle), ...(signatures.length > 0 && { signatures }) }
}
