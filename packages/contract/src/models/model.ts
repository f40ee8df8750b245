/** Models and flows under one roof: their immutable signed versions, and the aliases that point to them. */
import * as z from 'zod'
import { SUITES_MAX, TestReport } from '../checks/test-report.ts'
import { LineageView, origins, PARENTS_MAX } from '../deployments/lineage.ts'
import { Liveness } from '../devices/device.ts'
import { GOLDEN_CASES_MAX, GoldenCase, GoldenInputs, GoldenSource } from '../devices/golden.ts'
import { ItemState, ServingStats } from '../devices/item.ts'
import { type DetailFieldOf, kinds, VersionKind } from '../kinds/kinds.ts'
import { VersionCount } from '../rollouts/version-counts.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId, UploadId, VersionId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'
import { SigstoreBundle } from './signature.ts'
import { ExtraSignatures } from './trust.ts'

/** 16 GiB holds the largest models that run on one machine. */
export const FILE_SIZE_MAX = 16 * 1024 ** 3

/**
 * A relative path inside a version: plain segments only, so that it can never climb out of the folder it is written to.
 */
export const FilePath = z
  .string()
  .max(255)
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,8}$/, 'must be a plain relative path')
export type FilePath = z.infer<typeof FilePath>

export const ModelFile = z.strictObject({
  path: FilePath,
  digest: Digest,
  sizeBytes: z.int().min(0).max(FILE_SIZE_MAX),
})
export type ModelFile = z.infer<typeof ModelFile>

export const Version = z.strictObject({
  id: VersionId,
  name: Name,
  kind: VersionKind,
  /** Counts from 1 within its model. */
  version: z.int().min(1),
  /** SHA-256 of the canonical JSON of `files`: names the version's content. */
  digest: Digest,
  files: z.array(ModelFile).min(1).max(1_024),
  sizeBytes: z.int().min(0),
  /** For a flow: outputs that a replay of its recording must give. */
  goldenCases: z.int().min(0),
  labels: Labels,
  aliases: z.array(Name),
  createdAtMs: InstantMs,
  createdBy: z.string(),
})
export type Version = z.infer<typeof Version>

/** A person who has to move more deployments than this away from a version uses the list of deployments. */
export const USERS_MAX = 100

const detail = {
  ...Version.shape,
  bundle: SigstoreBundle,
  lineage: LineageView.optional(),
  /** The newest signed test result of each suite; absent without any. */
  tests: z.array(TestReport).max(SUITES_MAX).optional(),
  /** Absent without golden cases. Signed with the version, unless it is the usual source of its kind. */
  goldenSource: GoldenSource.optional(),
  /** Versions that name it as their parent. */
  descendantCount: z.int().min(0),
  /** Devices that serve it now. */
  servingCount: z.int().min(0),
  /** The silent ones among them: they served it when they last reported. Absent without them, and from old hubs. */
  servingSilent: z.int().min(1).optional(),
  /** Deployments of which a revision needs it: it cannot be removed while there is one. */
  usedBy: z.array(Name).max(USERS_MAX),
}
const CommonDetail = z.strictObject(detail)

type VersionDetailOf<Kind extends VersionKind> = Omit<z.infer<typeof CommonDetail>, 'kind'> & {
  kind: Kind
} & DetailFieldOf<Kind>
export type ModelVersionDetail = VersionDetailOf<'model'>
export type FlowVersionDetail = VersionDetailOf<'flow'>
export type AppVersionDetail = VersionDetailOf<'app'>
export type AgentVersionDetail = VersionDetailOf<'agent'>
export type OsVersionDetail = VersionDetailOf<'os'>
export type LanguageVersionDetail = VersionDetailOf<'gguf'>
export type ServedVersionDetail = VersionDetailOf<'served'>
export type ChatVersionDetail = VersionDetailOf<'chat'>
export type DataVersionDetail = VersionDetailOf<'data'>
export type HostedVersionDetail = VersionDetailOf<'hosted'>
export type SystemVersionDetail = VersionDetailOf<'system'>
export type VersionDetail = { [Kind in VersionKind]: VersionDetailOf<Kind> }[VersionKind]

const [firstKind, ...otherKinds] = VersionKind.options.map((kind) =>
  z.strictObject({ ...detail, kind: z.literal(kind), ...kinds[kind].detail }),
)
if (!firstKind) throw new Error('the table of kinds is empty')

/** A version whole. Each kind adds the field of its row. */
export const VersionDetail = z.discriminatedUnion('kind', [
  firstKind,
  ...otherKinds,
]) as unknown as z.ZodType<VersionDetail>

/** A device that answers requests with a version, by its last report. */
export const ServingDevice = z.strictObject({
  id: DeviceId,
  name: Name,
  site: Name,
  liveness: Liveness,
  state: ItemState,
  /** Since when its item has been in this state. */
  sinceMs: InstantMs,
  stats: ServingStats.optional(),
  /** The recipe of the build that it serves; absent if it serves the version itself. */
  build: z.string().max(63).optional(),
})
export type ServingDevice = z.infer<typeof ServingDevice>

export const Model = z.strictObject({
  name: Name,
  kind: VersionKind,
  versionCount: z.int().min(0),
  latestVersion: z.int().min(1).optional(),
  aliases: z.record(Name, z.int().min(1)),
  /**
   * The versions that devices serve now, by their last reports, the newest first. Hubs up to 0.1.0 do not send it; the
   * answer to a push does not have it.
   */
  running: z.array(VersionCount).optional(),
  createdAtMs: InstantMs,
})
export type Model = z.infer<typeof Model>

/** A version as people name it: a number, `latest`, or an alias with its @. */
export const VersionReference = z
  .string()
  .regex(/^([1-9][0-9]{0,8}|latest|@[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/, 'must be a number, latest, or @alias')
export type VersionReference = z.infer<typeof VersionReference>

/** Lineage as it is pushed; the parents are versions on this hub, in any form of reference. */
export const LineageSpec = z.strictObject({
  parents: z
    .array(z.strictObject({ name: Name, version: VersionReference }))
    .max(PARENTS_MAX)
    .default([]),
  ...origins,
})
export type LineageSpec = z.infer<typeof LineageSpec>

/**
 * Makes uploaded files a version. The hub parses a model file, runs its golden inputs in a sandbox, and signs it. It
 * reads and checks a flow, and signs it.
 */
export const PushRequest = z.strictObject({
  // The console's page at /models/upload would hide it.
  name: Name.refine((name) => name !== 'upload', 'must not be upload, which is a page of the console'),
  /**
   * Paths and finished uploads. One of them is `model.onnx`, and then `golden.json` is the hub's to write; or
   * `flow.json`, and then `recording.jsonl` and `golden.json` may come with it and nothing else.
   */
  files: z
    .array(z.strictObject({ path: FilePath, digest: Digest }))
    .min(1)
    .max(1_023),
  golden: GoldenInputs.optional(),
  labels: Labels.default({}),
  /** The origin of the version. Signed with it; if the same bytes were pushed before, the earlier statement stays. */
  lineage: LineageSpec.optional(),
  /** Signatures of publishers over the pushed files: under any name, because publishers cannot know the number. */
  signatures: ExtraSignatures.optional(),
  /** Aliases that shall point to the version. */
  aliases: z.array(Name).max(16).default([]),
})
export type PushRequest = z.infer<typeof PushRequest>

/** A part of a push that the existing version does not have, because its bytes were pushed before. */
export const NotRecorded = z.strictObject({
  part: z.enum(['label', 'lineage', 'alias', 'signature']),
  /** The label, the field of the lineage, the alias, or the signing key. */
  name: z.string(),
  /** The value of this push. */
  given: z.string(),
  /** The value of the version, or the version that the alias points to; absent if there is none. */
  recorded: z.string().optional(),
})
export type NotRecorded = z.infer<typeof NotRecorded>

/** 64 labels, 16 parents and eight other fields of lineage, 16 aliases and the signatures stay below it. */
export const NOT_RECORDED_MAX = 200

/** `created` is false if the same bytes had been pushed before: then that version is the answer and nothing changed. */
export const PushReply = z.strictObject({
  created: z.boolean(),
  version: VersionDetail,
  /** Absent if the version has all that was pushed. */
  notRecorded: z.array(NotRecorded).max(NOT_RECORDED_MAX).optional(),
})
export type PushReply = z.infer<typeof PushReply>

/** The outputs of a version for each golden case of another one, in the order of those cases. */
export const ComparedAnswers = z.strictObject({
  version: z.int().min(1),
  inputsOf: z.int().min(1),
  cases: z
    .array(GoldenCase.pick({ outputs: true }))
    .min(1)
    .max(GOLDEN_CASES_MAX),
})
export type ComparedAnswers = z.infer<typeof ComparedAnswers>

/** A resumable upload of one blob: bytes are sent to `PATCH /v1/uploads/{upload}` at `offsetBytes`. */
export const Upload = z.strictObject({
  id: UploadId,
  digest: Digest,
  sizeBytes: z.int().min(0).max(FILE_SIZE_MAX),
  /** How much the hub holds and has on disk. */
  offsetBytes: z.int().min(0),
  /** True when the blob is whole and its digest is right. */
  done: z.boolean(),
})
export type Upload = z.infer<typeof Upload>
