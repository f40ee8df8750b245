/** Known push: the answer to a push of bytes that are a version already. Nothing changes, and the answer says so. */
import type { PushReply, PushRequest } from '@skerry/contract/models/model'
import { findNotRecorded } from '@skerry/core/models/not-recorded'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { signerOf, versionSignatures } from '../trust/trust-store.ts'
import { lineageOf } from './lineage-store.ts'
import { aliasesOf } from './version-store.ts'
import { versionDetailOf } from './version-view.ts'

export type Note = { object: { kind: string; id: string }; detail: Record<string, unknown> }

type Known = { row: VersionTable; request: PushRequest }

/** The existing version, and the parts of the push that it does not have. */
export async function answerKnown(tx: Tx, note: Note, { row, request }: Known): Promise<PushReply> {
  const given = {
    labels: request.labels,
    lineage: request.lineage,
    aliases: request.aliases,
    signers: (request.signatures ?? []).map(signerOf),
  }
  const recorded = {
    version: row.version,
    labels: fromJson(row.labels),
    lineage: (await lineageOf(tx, row)) ?? { parents: [] },
    aliases: await aliasesOf(tx, { organisationId: row.organisation_id, name: row.name }),
    signers: new Set([
      signerOf(fromJson(row.bundle)),
      ...(await versionSignatures(tx, row.id)).map(({ key_id }) => key_id),
    ]),
  }
  const notRecorded = findNotRecorded(given, recorded)
  note.object.id = `${row.name}/${row.version}`
  note.detail = {
    created: false,
    digest: row.digest,
    ...(notRecorded.length > 0 && { notRecorded: notRecorded.map(({ part, name }) => `${part} ${name}`) }),
  }
  return {
    created: false,
    version: await versionDetailOf(tx, row),
    ...(notRecorded.length > 0 && { notRecorded }),
  }
}
