/**
 * Push: makes uploaded files an immutable, signed version.
 *
 *     known already? ─▶ inspect (a thread) ─▶ load, run golden inputs (a process) ─▶ golden.json ─▶ one transaction: version, files,
 *                    └▶ of a flow: read and check ─────────────────────────────────────────────┘      aliases, signature, audit record
 *
 * Until the transaction nothing is visible; blobs that a crash leaves behind belong to no version and are collected.
 */
import type { Digest } from '@skerry/contract/digest'
import type { Flow } from '@skerry/contract/flow'
import type { Golden } from '@skerry/contract/golden'
import { GOLDEN_PATH } from '@skerry/contract/golden'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import { kindOf, type VersionKind } from '@skerry/contract/kinds/kinds'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { Lineage } from '@skerry/contract/lineage'
import type { ModelFile, PushReply, PushRequest } from '@skerry/contract/model'
import type { ModelSummary } from '@skerry/contract/model-summary'
import { canonicalJson } from '@skerry/core/canonical-json'
import { needsOwnFiles } from '@skerry/inference/hard-links'
import { digestOf } from '@skerry/platform/hash'
import { signModel } from '@skerry/platform/model-signature'
import { findBlob, holdBlob, refuseRemoved, touchBlobs } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import type { VersionTable } from '../store/foundation-tables.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import { signerFor } from '../trust/signer.ts'
import { signingKeys } from '../trust/trust-store.ts'
import { addSignatures, checkSignatures, refuseUntrusted } from '../trust/version-trust.ts'
import { runGoldenInputs } from './golden-outputs.ts'
import { inspectFlow } from './inspect-flow.ts'
import { inspectModel } from './inspect-model.ts'
import { insertLineage, resolveLineage } from './lineage-store.ts'
import { type Staged, stageFiles } from './staging.ts'
import { findPushed, giveNumberBack, insertVersion, type ModelKey, setAlias, takeNumber } from './version-store.ts'
import { versionDetailOf } from './version-view.ts'

/** [protobuf.dev, encoding] No protobuf message may be larger; weights beyond it go into external data. */
const MODEL_BYTES_MAX = 2 ** 31 - 1

/** Answers a push. The same bytes again are the version that they made before. */
export async function pushModel(call: KeyCall, request: PushRequest, signal = call.hub.signal): Promise<PushReply> {
  const { hub } = call
  refuseAliases(call, request)
  checkPaths(request)
  const ending = AbortSignal.any([hub.signal, signal])
  using _pins = hub.blobGuard.pin(request.files.map(({ digest }) => digest))
  const queued = hub.pushQueue.run(call.organisationId, () => pushInTurn(call, request, ending), ending)
  if (!queued.ok) throw problem('push_queue_full', FULL[queued.full], { retryAfterMs: RETRY_AFTER_MS })
  // Awaited here: the pins hold until the push has ended.
  return await queued.value
}

/** Half of the time that a push takes at most. */
const RETRY_AFTER_MS = 30_000

const FULL = {
  share: 'as many pushes of this organisation wait as may; push again when some of them are done',
  queue: 'as many pushes of all organisations wait as may; push again in a minute',
}

/** An alias moves every deployment that names it, in all places; a role with a scope counts for some. */
function refuseAliases({ scope }: KeyCall, { aliases }: PushRequest): void {
  if (scope === undefined || aliases.length === 0) return
  throw problem(
    'scope_refused',
    'an alias counts in all places, and your role for some only; push without --alias, and ask somebody without a scope for "skerry model alias"',
  )
}

function checkPaths({ files, golden }: PushRequest): void {
  const paths = new Set(files.map(({ path }) => path))
  if (paths.size < files.length) throw problem('input_invalid', 'two files have one path')
  const kind = kindOf(files)
  if (kind === undefined) throw problem('input_invalid', `one of the files must be ${MODEL_PATH}, or ${FLOW_PATH}`)
  if (kind === 'flow') checkFlowPaths(files, golden)
  else if (paths.has(GOLDEN_PATH))
    throw problem('input_invalid', `${GOLDEN_PATH} is the hub's to write; send golden inputs`)
  for (const path of paths) {
    const above = path.split('/').slice(0, -1)
    if (above.some((_, index) => paths.has(above.slice(0, index + 1).join('/')))) {
      throw problem('input_invalid', `${path} lies below a path that is a file itself`)
    }
  }
}

const FLOW_PATHS: ReadonlySet<string> = new Set([FLOW_PATH, RECORDING_PATH, GOLDEN_PATH])

function checkFlowPaths(files: PushRequest['files'], golden: PushRequest['golden']): void {
  const other = files.find(({ path }) => !FLOW_PATHS.has(path))
  if (other) throw problem('input_invalid', `a flow has no ${other.path}; its files are ${[...FLOW_PATHS].join(', ')}`)
  if (golden) throw problem('input_invalid', `golden inputs are for models; of a flow, push ${RECORDING_PATH}`)
  if (files.length === 2)
    throw problem('input_invalid', `${RECORDING_PATH} and ${GOLDEN_PATH} belong together; push both`)
}

async function pushInTurn(call: KeyCall, request: PushRequest, signal: AbortSignal): Promise<PushReply> {
  signal.throwIfAborted()
  const { hub, organisationId } = call
  const key: ModelKey = { organisationId, model: request.model }
  const files = await heldFiles(call, request)
  const pushDigest = digestOf(canonicalJson({ files, golden: request.golden }))
  const known = await findPushed(hub.store.db, key, pushDigest)
  if (known) return call.change((tx, note) => answerKnown(tx, note, known))

  const id = hub.ids.version()
  await using staged = await stageFiles(hub, { folder: hub.stagingPath(id), files }, signal)
  const lineage = request.lineage && (await resolveLineage(hub.store.db, organisationId, request.lineage))
  const content =
    kindOf(files) === 'flow'
      ? await readFlow(staged.folder, key.model)
      : await tryModel({ staged, files, request, memoryBytes: hub.trialBytes }, signal)
  // Awaited here: the folder goes when the push has ended.
  return await publish(call, { id, key, request, files, pushDigest, lineage, ...content })
}

/** What a version is, found out from its files. */
type Content = {
  kind: VersionKind
  summary: ModelSummary | Flow
  /** To be written beside the model. */
  golden: Golden | undefined
  goldenCases: number
}

async function readFlow(folder: string, name: string): Promise<Content> {
  const inspected = await inspectFlow(folder, name)
  if (!inspected.ok) throwProblem(inspected)
  return { kind: 'flow', summary: inspected.flow, golden: undefined, goldenCases: inspected.goldenOutputs }
}

type Trial = { staged: Staged; files: readonly ModelFile[]; request: PushRequest; memoryBytes: number }

async function tryModel({ staged, files, request, memoryBytes }: Trial, signal: AbortSignal): Promise<Content> {
  const model = files.find(({ path }) => path === MODEL_PATH)
  if (!model || model.sizeBytes > MODEL_BYTES_MAX) {
    throw problem(
      'model_not_onnx',
      `${MODEL_PATH} is over 2 GB, which no ONNX file can be; keep its weights as external data`,
    )
  }
  const beside = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]))
  const inspected = await inspectModel({ path: staged.modelPath, files: beside }, signal)
  if (!inspected.ok) throwProblem(inspected)
  const trial = { modelPath: staged.modelPath, inputs: request.golden, memoryBytes }
  let tried = await runGoldenInputs(trial, signal)
  if (needsOwnFiles(tried)) {
    await staged.ownFiles()
    tried = await runGoldenInputs(trial, signal)
  }
  if (!tried.ok) throwProblem(tried)
  const { golden } = tried
  return { kind: 'model', summary: inspected.value, golden, goldenCases: golden?.cases.length ?? 0 }
}

/** The files with their sizes, by path, if the organisation holds them all. No hub collects them within the hour that a push may take. */
async function heldFiles({ hub, organisationId }: KeyCall, { files }: PushRequest): Promise<ModelFile[]> {
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

type Note = { object: { kind: string; id: string }; detail: Record<string, unknown> }

async function answerKnown(tx: Tx, note: Note, row: VersionTable): Promise<PushReply> {
  note.object.id = `${row.model}/${row.version}`
  note.detail = { created: false, digest: row.digest }
  return { created: false, version: await versionDetailOf(tx, row) }
}

type Publication = Content & {
  id: VersionTable['id']
  key: ModelKey
  request: PushRequest
  files: ModelFile[]
  pushDigest: Digest
  lineage: Lineage | undefined
}

/** The golden file becomes a blob, alone among those who add or remove it (blob-guard.ts); then the version a record. */
async function publish(call: KeyCall, publication: Publication): Promise<PushReply> {
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

function announce(call: KeyCall, publication: Publication, goldenFile: ModelFile | undefined): Promise<PushReply> {
  const files = [...publication.files, ...(goldenFile ? [goldenFile] : [])].toSorted(byPath)
  return call.change(async (tx, note) => {
    const { organisationId } = publication.key
    const nowMs = call.hub.clock.nowMs()
    if (goldenFile) await requireStorageRoom(tx, organisationId, goldenFile.sizeBytes)
    if (goldenFile) await holdBlob(tx, { organisationId, ...goldenFile, nowMs })
    const { row, isNew } = await record(tx, call, { ...publication, files })
    if (!isNew) return answerKnown(tx, note, row)
    note.object.id = `${row.model}/${row.version}`
    note.detail = {
      created: true,
      digest: row.digest,
      sizeBytes: row.size_bytes,
      aliases: publication.request.aliases,
      ...(publication.lineage && { lineage: publication.lineage }),
    }
    return { created: true, version: await versionDetailOf(tx, row) }
  })
}

type Recorded = { row: VersionTable; isNew: boolean }

async function record(tx: Tx, { hub, caller }: KeyCall, publication: Publication): Promise<Recorded> {
  const { id, key, request, files, pushDigest, kind, summary, goldenCases, lineage } = publication
  const nowMs = hub.clock.nowMs()
  const version = await takeNumber(tx, { ...key, kind }, nowMs)
  if (version === undefined) throw problem('model_kind_differs', wrongKind(key.model, kind))
  // Two pushes of the same bytes may run at once. The first one holds the counter until it is done, so the second finds its version.
  const first = await findPushed(tx, key, pushDigest)
  if (first) {
    await giveNumberBack(tx, key)
    return { row: first, isNew: false }
  }
  const bundle = signModel({
    name: `${key.model}/${version}`,
    resources: files,
    ...(lineage && { lineage }),
    privateKeyPem: (await signerFor(tx, hub, key.organisationId)).privateKeyPem,
  })
  const row: VersionTable = {
    id,
    organisation_id: key.organisationId,
    model: key.model,
    kind,
    version,
    digest: digestOf(canonicalJson(files)),
    push_digest: pushDigest,
    size_bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    golden_cases: goldenCases,
    labels: toJson(request.labels),
    summary: toJson(summary),
    bundle: toJson(bundle),
    created_at_ms: nowMs,
    created_by: caller.name,
  }
  await insertVersion(tx, row, files)
  await signByPublishers(tx, hub, { row, files, signatures: request.signatures ?? [] })
  if (lineage) await insertLineage(tx, row, lineage)
  for (const alias of request.aliases) await setAlias(tx, key, alias, version)
  return { row, isNew: true }
}

const wrongKind = (name: string, kind: VersionKind) =>
  kind === 'flow'
    ? `the name ${name} belongs to models; push the flow under another`
    : `the name ${name} belongs to flows; push the model under another`

/** Where the rules want more signatures than come with it, nothing was pushed. */
async function signByPublishers(tx: Tx, hub: KeyCall['hub'], { row, files, signatures }: Signed): Promise<void> {
  const keys = await signingKeys(tx, { organisationId: row.organisation_id, first: hub.signing })
  const keyIds = checkSignatures({ files, signatures, keys })
  await addSignatures(tx, { row, signatures, keyIds, nowMs: row.created_at_ms, by: row.created_by })
  await refuseUntrusted(tx, hub, row)
}

type Signed = { row: VersionTable; files: ModelFile[]; signatures: NonNullable<PushRequest['signatures']> }

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
