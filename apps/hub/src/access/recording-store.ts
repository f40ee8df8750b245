/** Recording store: the text of a recording in parts, in their order. Their digest goes into the audit trail. */
import { createHash } from 'node:crypto'
import { type AccessRecording, RECORDING_DAYS } from '@skerry/contract/access/access'
import { Digest } from '@skerry/contract/values/digest'
import type { AccessSessionId, OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import type { Db } from '../store/store.ts'

type Owner = { organisation_id: OrganisationId; id: AccessSessionId }

const partsOf = (db: Db, { organisation_id, id }: Owner) =>
  db
    .selectFrom('access_recordings')
    .select('text')
    .where('organisation_id', '=', organisation_id)
    .where('session_id', '=', id)
    .orderBy('sequence')
    .execute()

/** The whole text; empty if nothing was recorded. */
export async function readRecording(db: Db, owner: Owner): Promise<string> {
  return (await partsOf(db, owner)).map(({ text }) => text).join('')
}

/** The whole parts from this one on, as many as fit, and the number of the next one. */
export async function recordingAfter(
  db: Db,
  { organisation_id, id }: Owner,
  { after, bytesMax }: { after: number; bytesMax: number },
): Promise<{ text: string; next: number }> {
  const parts = await db
    .selectFrom('access_recordings')
    .select(['sequence', 'text'])
    .where('organisation_id', '=', organisation_id)
    .where('session_id', '=', id)
    .where('sequence', '>=', after)
    .orderBy('sequence')
    .limit(PARTS_MAX)
    .execute()
  let text = ''
  let next = after
  for (const part of parts) {
    if (text !== '' && text.length + part.text.length > bytesMax) break
    text += part.text
    next = part.sequence + 1
  }
  return { text, next }
}

/** A part is written each second: some minutes in one answer. */
const PARTS_MAX = 200

/** The digest of the stored parts; undefined if there are none. */
export async function describeRecording(
  db: Db,
  owner: Owner,
  { isWhole }: { isWhole: boolean },
): Promise<AccessRecording | undefined> {
  const parts = await partsOf(db, owner)
  if (parts.length === 0) return undefined
  const hash = createHash('sha256')
  let bytes = 0
  for (const { text } of parts) {
    hash.update(text)
    bytes += Buffer.byteLength(text)
  }
  return { digest: Digest.parse(`sha256:${hash.digest('hex')}`), bytes, isWhole }
}

const DAY_MS = 86_400_000

/** Sessions that one transaction deletes, with their recordings of some megabytes. */
const BATCH_MAX = 20

/** Deletes old sessions with their recordings, and grants that nobody has used for as long. */
export async function sweepRecordings({ store, clock }: Hub): Promise<void> {
  const before = clock.nowMs() - RECORDING_DAYS * DAY_MS
  for (;;) {
    const old = await store.db
      .selectFrom('access_sessions')
      .select('id')
      .where('created_at_ms', '<', before)
      .where('state', 'in', ['ended', 'failed'])
      .limit(BATCH_MAX)
      .execute()
    if (old.length === 0) break
    const ids = old.map(({ id }) => id)
    await store.transaction((tx) => tx.deleteFrom('access_sessions').where('id', 'in', ids).execute())
  }
  await store.transaction((tx) =>
    tx
      .deleteFrom('access_grants')
      .where('expires_at_ms', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('access_sessions as used').select('used.id').whereRef('used.grant_id', '=', 'access_grants.id'),
          ),
        ),
      )
      .execute(),
  )
}
