/** The tables of system releases. */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Serving } from '@skerry/contract/models/serving'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeploymentId, DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { PartFailure } from '@skerry/core/systems/stage'
import type { Json } from '../../json-column.ts'

export type PartSettings = { serving?: Serving | undefined; config?: AppConfig | undefined }

/** One part of a release, in its order. */
export type SystemPartTable = {
  version_id: VersionId
  organisation_id: OrganisationId
  position: number
  kind: VersionKind
  name: string
  version: number
  digest: Digest
  size_bytes: number
  settings: Json<PartSettings> | null
}

/** [core, Stage] The place of a device between two releases of a deployment. */
export type SystemStageTable = {
  device_id: DeviceId
  deployment_id: DeploymentId
  organisation_id: OrganisationId
  to_revision: number
  from_revision: number | null
  at_step: number
  is_back: 0 | 1
  retry_token: number
  failure: Json<PartFailure> | null
  is_moving: 1 | null
  /** Reports on earlier documents say nothing about this stage. */
  generation: number | null
  since_ms: number
}

export type SystemTables = { system_parts: SystemPartTable; system_stages: SystemStageTable }
