/** Named equipment: compares the tags and sinks that settings of a listing name with those of the organisation. */
import type { NamedEquipment } from '@skerry/core/market/listing-settings'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { listConnections, specOf } from '../../connections/connection-store.ts'
import type { KeyCall } from '../../http/call.ts'

/** Sites and devices may have an own source of one name. They mostly have the same tags, so some of them suffice. */
const COMPARED_MAX = 8

/** The first setting that names nothing, as a sentence. Without this check the flow would wait for its source forever. */
export async function missingEquipment(
  call: Pick<KeyCall, 'hub' | 'organisationId'>,
  named: readonly NamedEquipment[],
): Promise<string | undefined> {
  for (const equipment of named) {
    const problem = await problemOf(call, equipment)
    if (problem !== undefined) return `the setting ${equipment.setting} names ${problem}`
  }
  return undefined
}

async function problemOf(
  { hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>,
  { connection, name, tag, isWritten }: NamedEquipment,
): Promise<string | undefined> {
  const { db } = hub.store
  const page = { organisationId, kind: connection, name, owner: undefined, after: undefined, limit: COMPARED_MAX }
  const rows = await listConnections(db, page)
  if (rows.length === 0) return `the ${connection} ${name}, which does not exist; "skerry ${connection} ls" lists them`
  if (tag === undefined) return undefined
  let isFound = false
  for (const { id } of rows) {
    const spec = await specOf(db, id)
    const tags = spec === undefined ? [] : tagRowsOf(JSON.parse(spec))
    const found = tags.find((each) => each.name === tag)
    if (found && (found.write !== undefined || isWritten !== true)) return undefined
    isFound ||= found !== undefined
  }
  if (isFound) return `the tag ${name}/${tag}, which may not be written; allow it in the source first`
  return `the tag ${tag} of the source ${name}, which has no such tag; "skerry source show ${name}" lists its tags`
}
