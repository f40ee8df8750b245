/** Exporter: writes a version in the layout of another system. Each has a row in exporters.ts. */
import type { Connection } from '@skerry/client/connection'
import type { ModelFile, ModelVersionDetail } from '@skerry/contract/models/model'
import type { Session } from '../../../program/session.ts'

type ExportedVersion = {
  name: string
  detail: ModelVersionDetail
  /** The model and its weights; golden cases and signatures are not part of other layouts. */
  files: readonly ModelFile[]
  connection: Connection
}

type ExportTarget = {
  /** A folder, or the address of an artefact. */
  place: string
  token: string | undefined
  authorities: string | undefined
}

/** The written paths, or the address, one a line. */
export type Exporter = (exported: ExportedVersion, target: ExportTarget, session: Session) => Promise<string[]>
