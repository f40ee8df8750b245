/** The tables of builds, their files, and the optimisations that make them. */
import type {
  Build,
  FidelityGoal,
  OptimisationStatus,
  OutputFidelity,
  Recipe,
  RecipeResult,
  SkippedNode,
} from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import type { SessionResult, Timing } from '@skerry/contract/builds/measurement'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import type { BatchId, BuildId, DeviceId, OptimisationId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

/** What made a build. */
export type BuildLineage = Pick<Build, 'parent' | 'calibration' | 'labels' | 'returned' | 'tools'>

/** A build is deleted with its version. */
export type BuildTable = {
  id: BuildId
  organisation_id: OrganisationId
  version_id: VersionId
  recipe: Recipe
  digest: Digest
  size_bytes: number
  /** The signature over its files, under the name of the version. */
  bundle: Json<SigstoreBundle>
  fidelity: Json<OutputFidelity[]>
  changed: number
  skipped_count: number
  skipped: Json<SkippedNode[]>
  /** Null for builds of earlier hubs. */
  lineage: Json<BuildLineage> | null
  created_at_ms: number
  created_by: string
}

export type BuildFileTable = {
  build_id: BuildId
  path: string
  organisation_id: OrganisationId
  digest: Digest
  size_bytes: number
}

export type OptimisationTable = {
  id: OptimisationId
  organisation_id: OrganisationId
  version_id: VersionId
  status: OptimisationStatus
  goal: Json<FidelityGoal>
  results: Json<RecipeResult[]>
  /** The blob of the data set or of the joined ranges; the collection keeps it until the optimisation has ended. */
  calibration_digest: Digest | null
  calibration_rows: number | null
  /** Null for a data set of an earlier hub, and without a blob. */
  calibration_origin: Calibration['origin'] | null
  created_at_ms: number
  created_by: string
  ended_at_ms: number | null
}

/** The newest result of one candidate of a version on one device. The digest names the candidate. */
export type BuildMeasurementTable = {
  version_id: VersionId
  digest: Digest
  device_id: DeviceId
  organisation_id: OrganisationId
  /** Null for the version itself. */
  build_id: BuildId | null
  hardware_class: string
  batch_id: BatchId
  agent: string
  runtime: string
  threads: number
  timing: Json<Timing> | null
  problem: Json<{ code: string; message: string }> | null
  /** Other settings of the session; null if the command did not ask for them. */
  sessions: Json<SessionResult[]> | null
  measured_at_ms: number
}

export type BuildTables = {
  builds: BuildTable
  build_files: BuildFileTable
  optimisations: OptimisationTable
  build_measurements: BuildMeasurementTable
}
