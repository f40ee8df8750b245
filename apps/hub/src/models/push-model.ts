/**
 * Push: makes uploaded files an immutable, signed version.
 *
 *     known already? ─▶ inspect, as the kind does (kinds/) ─▶ golden.json
 *     ─▶ one transaction: version, files, aliases, signature, audit record
 *
 * Before the transaction nothing is visible. Blobs that a crash leaves behind belong to no version and are collected.
 */

import type { Lineage } from '@skerry/contract/deployments/lineage'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { type DetailValueOf, kindOf, kinds, mainFilesOf, type VersionKind } from '@skerry/contract/kinds/kinds'
import type { ModelFile, PushReply, PushRequest } from '@skerry/contract/models/model'
import type { Permission } from '@skerry/contract/people/permissions'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { findBlob, holdBlob, refuseRemoved, touchBlobs } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { signerFor } from '../trust/signer.ts'
import { signingKeys } from '../trust/trust-store.ts'
import { addSignatures, checkSignatures, refuseUntrusted } from '../trust/version-trust.ts'
import type { Content } from './kinds/inspector.ts'
import { inspectorOf } from './kinds/kinds.ts'
import { answerKnown } from './known-push.ts'
import { insertLineage, resolveLineage } from './lineage-store.ts'
import { stageFiles } from './staging.ts'
import {
  findModel,
  findPushed,
  giveNumberBack,
  insertVersion,
  type ModelKey,
  setAlias,
  takeNumber,
} from './version-store.ts'
import { versionDetailOf } from './version-view.ts'

/** The parts of a call that a push needs. The hub itself pushes the results of campaigns. */
export type PushCall = Pick<KeyCall, 'hub' | 'organisationId' | 'scope' | 'change'> & {
  caller: Pick<KeyCall['caller'], 'name'>
  /** For versions that need more than the permission to push. Absent for the hub itself. */
  permissions?: readonly Permission[]
}

/** Answers a push. If the same bytes were pushed before, it returns their version. */
export async function pushModel(call: PushCall, request: PushRequest, signal = call.hub.signal): Promise<PushReply> {
  const { hub } = call
  refuseAliases(call, request)
  const kind = checkPaths(request)
  const ending = AbortSignal.any([hub.signal, signal])
  using _pins = hub.blobGuard.pin(request.files.map(({ digest }) => digest))
  const queued = hub.pushQueue.run(call.organisationId, () => pushInTurn(call, { request, kind }, ending), ending)
  if (!queued.ok) throw problem('push_queue_full', FULL[queued.full], { retryAfterMs: RETRY_AFTER_MS })
  // Awaited here, so that the pins hold until the push has ended.
  return await queued.value
}

/** Half of the maximum duration of a push. */
const RETRY_AFTER_MS = 30_000

const FULL = {
  share: 'too many pushes of this organisation are pending; push again when some of them are done',
  queue: 'too many pushes of all organisations are pending; push again in a minute',
}

/** An alias moves every deployment that names it, in all scopes. So a role with a scope must not set it. */
function refuseAliases({ scope }: PushCall, { aliases }: PushRequest): void {
  if (scope === undefined || aliases.length === 0) return
  throw problem(
    'scope_refused',
    'your role has a scope, and an alias applies everywhere; push without --alias, and ask a person without a scope to run "skerry model alias"',
  )
}

function refuseLacking({ permissions = [] }: PushCall, needed: readonly Permission[]): void {
  const missing = needed.filter((permission) => !permissions.includes(permission))
  if (missing.length === 0) return
  throw problem(
    'permission_denied',
    `this version reaches into its devices, and pushing it also needs ${missing.join(', ')}; ask a person whose role has it`,
  )
}

function checkPaths({ files, golden }: PushRequest): VersionKind {
  const paths = new Set(files.map(({ path }) => path))
  if (paths.size < files.length) throw problem('input_invalid', 'two files have one path')
  const kind = kindOf(files)
  if (kind === undefined) throw problem('input_invalid', `one of the files must be ${MAIN_FILES.join(', or ')}`)
  inspectorOf(kind).checkPaths({ files, golden })
  for (const path of paths) {
    const above = path.split('/').slice(0, -1)
    if (above.some((_, index) => paths.has(above.slice(0, index + 1).join('/')))) {
      throw problem('input_invalid', `${path} lies below a path that is a file itself`)
    }
  }
  return kind
}

const MAIN_FILES = Object.values(kinds).flatMap(mainFilesOf)

type Pushed = { request: PushRequest; kind: VersionKind }

async function pushInTurn(call: PushCall, { request, kind }: Pushed, signal: AbortSignal): Promise<PushReply> {
  signal.throwIfAborted()
  const { hub, organisationId } = call
  const key: ModelKey = { organisationId, name: request.name }
  const files = await heldFiles(call, request)
  const pushDigest = digestOf(canonicalJson({ files, golden: request.golden }))
  const known = await findPushed(hub.store.db, key, pushDigest)
  if (known) return call.change((tx, note) => answerKnown(tx, note, { row: known, request }))

  const id = hub.ids.version()
  const { reads = () => true } = inspectorOf<VersionKind>(kind)
  const staging = { folder: hub.stagingPath(id), files: files.filter((file) => reads(file)) }
  await using staged = await stageFiles(hub, staging, signal)
  const lineage = request.lineage && (await resolveLineage(hub.store.db, organisationId, request.lineage))
  const trial = { staged, files, request, memoryBytes: hub.trialBytes }
  const content = await inspectorOf<VersionKind>(kind).inspect(trial, signal)
  refuseLacking(call, inspectorOf<VersionKind>(kind).needs?.(content.summary) ?? [])
  // Awaited here, because the folder is deleted when the push has ended.
  return await publish(call, { id, key, request, kind, files, pushDigest, lineage, ...content })
}

/**
 * The files with their sizes, by path, if the organisation holds them all. No hub collects them within the hour that a
 * push may take.
 */
async function heldFiles({ hub, organisationId }: PushCall, { files }: PushRequest): Promise<ModelFile[]> {
  const touched = { organisationId, digests: files.map(({ digest }) => digest), nowMs: hub.clock.nowMs() }
  await hub.store.transaction((tx) => touchBlobs(tx, touched))
  const held: ModelFile[] = []
  for (const { path, digest } of files.toSorted(byPath)) {
    const blob = await findBlob(hub.store.db, organisationId, digest)
    if (!blob) throw problem('blob_unknown', `${path} (${digest}) has not been uploaded; upload it first`)
    if (blob.damaged_at_ms !== null || (await hub.blobs.sizeOf(digest, hub.signal)) === undefined) {
      throw problem('blob_unknown', `the stored bytes of ${path} (${digest}) were damaged; upload it again`)
    }
    held.push({ path, digest, sizeBytes: blob.size_bytes })
  }
  return held
}

type Publication = Content<DetailValueOf<VersionKind>> & {
  kind: VersionKind
  id: VersionTable['id']
  key: ModelKey
  request: PushRequest
  files: ModelFile[]
  pushDigest: Digest
  lineage: Lineage | undefined
}

/**
 * The golden file becomes a blob while no other task adds or removes it (blob-guard.ts). Then the version becomes a
 * record.
 */
async function publish(call: PushCall, publication: Publication): Promise<PushReply> {
  const { golden } = publication
  if (!golden) return announce(call, publication, undefined)
  const bytes = Buffer.from(canonicalJson(golden))
  const digest = digestOf(bytes)
  const { store, blobs, blobGuard, signal } = call.hub
  return blobGuard.exclusive(digest, async () => {
    await refuseRemoved(store.db, digest)
    await blobs.put(digest, bytes, signal)
    return announce(call, publication, { path: GOLDEN_PATH, digest, sizeBytes: bytes.length })
  })
}

function announce(call: PushCall, publication: Publication, goldenFile: ModelFile | undefined): Promise<PushReply> {
  const files = [...publication.files, ...(goldenFile ? [goldenFile] : [])].toSorted(byPath)
  return call.change(async (tx, note) => {
    const { organisationId } = publication.key
    const nowMs = call.hub.clock.nowMs()
    if (goldenFile) await requireStorageRoom(tx, organisationId, goldenFile.sizeBytes)
    if (goldenFile) await holdBlob(tx, { organisationId, ...goldenFile, nowMs })
    const { row, isNew } = await record(tx, call, { ...publication, files })
    if (!isNew) return answerKnown(tx, note, { row, request: publication.request })
    note.object.id = `${row.name}/${row.version}`
    note.detail = {
      created: true,
      digest: row.digest,
      sizeBytes: row.size_bytes,
      aliases: publication.request.aliases,
      ...(publication.lineage && { lineage: publication.lineage }),
      ...(publication.goldenSource && { goldenSource: publication.goldenSource }),
    }
    return { created: true, version: await versionDetailOf(tx, row) }
  })
}

type Recorded = { row: VersionTable; isNew: boolean }

async function record(tx: Tx, { hub, caller }: PushCall, publication: Publication): Promise<Recorded> {
  const { id, key, request, files, pushDigest, kind, summary, goldenCases, goldenSource, lineage } = publication
  const { alsoBytes = 0 } = publication
  const nowMs = hub.clock.nowMs()
  const version = await takeNumber(tx, { ...key, kind }, nowMs)
  if (version === undefined) throw problem('model_kind_differs', await wrongKind(tx, key, kind))
  // Two pushes of the same bytes may run at once. The first one holds the counter until it is done, so the second finds
  // its version.
  const first = await findPushed(tx, key, pushDigest)
  if (first) {
    await giveNumberBack(tx, key)
    return { row: first, isNew: false }
  }
  const bundle = signModel({
    name: `${key.name}/${version}`,
    resources: files,
    ...(lineage && { lineage }),
    ...(goldenSource !== inspectorOf(kind).goldenSource && { goldenSource }),
    privateKeyPem: (await signerFor(tx, hub, key.organisationId)).privateKeyPem,
  })
  const row: VersionTable = {
    id,
    organisation_id: key.organisationId,
    name: key.name,
    kind,
    version,
    digest: digestOf(canonicalJson(files)),
    push_digest: pushDigest,
    size_bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, alsoBytes),
    golden_cases: goldenCases,
    labels: toJson(request.labels),
    summary: toJson(summary),
    bundle: toJson(bundle),
    created_at_ms: nowMs,
    created_by: caller.name,
  }
  await insertVersion(tx, row, files)
  await inspectorOf<VersionKind>(kind).keep?.(tx, row, summary)
  await signByPublishers(tx, hub, { row, files, signatures: request.signatures ?? [] })
  if (lineage) await insertLineage(tx, row, lineage)
  for (const alias of request.aliases) await setAlias(tx, key, alias, version)
  return { row, isNew: true }
}

async function wrongKind(tx: Tx, key: ModelKey, kind: VersionKind): Promise<string> {
  const owner = await findModel(tx, key)
  const plural = owner ? inspectorOf(owner.kind).plural : 'another kind'
  return `the name ${key.name} belongs to ${plural}; push the ${kind} under another name`
}

/** If the rules require more signatures than the push brings, the push fails and stores nothing. */
async function signByPublishers(tx: Tx, hub: KeyCall['hub'], { row, files, signatures }: Signed): Promise<void> {
  const keys = await signingKeys(tx, { organisationId: row.organisation_id, first: hub.signing })
  const keyIds = checkSignatures({ files, signatures, keys })
  await addSignatures(tx, { row, signatures, keyIds, nowMs: row.created_at_ms, by: row.created_by })
  await refuseUntrusted(tx, hub, row)
}

type Signed = { row: VersionTable; files: ModelFile[]; signatures: NonNullable<PushRequest['signatures']> }

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
