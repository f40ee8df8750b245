/**
 * Letters: owners and administrators hear of a finding by e-mail, where the hub has a server for it. What has been told of stands beside the
 * finding, so that a letter is sent again after a failure or a kill, rather than not at all.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { intrusionRules } from '@skerry/core/intrusion/intrusion-rules'
import type { Hub } from '../hub.ts'
import type { Letter } from '../people/mail.ts'
import type { Db } from '../store/store.ts'
import type { IntrusionTable } from '../store/tables/intrusion-tables.ts'

/** A storm is told of in the first letters; the list of findings has all. */
const FINDINGS_MAX = 20
const READERS_MAX = 20

/** Older news is read in the console; a server that was away for days must not then flood a mailbox. */
const NEWS_MS = 24 * 3_600_000

/** Sends what nobody was told of yet. */
export async function sendLetters(hub: Hub): Promise<void> {
  const { people, store, clock } = hub
  if (!people.mail) return
  for (const row of await untold(store.db, clock.nowMs() - NEWS_MS)) {
    if (hub.signal.aborted) return
    for (const to of await readersOf(store.db, row.organisation_id)) {
      // The server is away: all of it is tried again in a minute.
      if (!(await people.mail.send(letterOf(hub, row, to)))) return
    }
    const told = { told_at_ms: clock.nowMs() }
    await store.transaction((tx) => tx.updateTable('intrusions').set(told).where('id', '=', row.id).execute())
  }
}

const untold = (db: Db, sinceMs: number): Promise<IntrusionTable[]> =>
  db
    .selectFrom('intrusions')
    .selectAll()
    .where('status', '=', 'open')
    .where('told_at_ms', 'is', null)
    .where('found_at_ms', '>=', sinceMs)
    .orderBy('found_at_ms')
    .limit(FINDINGS_MAX)
    .execute()

async function readersOf(db: Db, organisationId: OrganisationId): Promise<string[]> {
  const rows = await db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select('users.email')
    .where('memberships.organisation_id', '=', organisationId)
    .where('memberships.role', 'in', ['owner', 'administrator'])
    .orderBy('users.email')
    .limit(READERS_MAX)
    .execute()
  return rows.map(({ email }) => email)
}

/** Whatever a stranger could choose, such as a name, stands in the text and not in the subject. */
function letterOf({ config }: Hub, row: IntrusionTable, to: string): Letter {
  const { rule, id, subject_kind, subject_name, subject_id, response_state } = row
  const text = [
    `Skerry has found signs of an intrusion: ${intrusionRules[rule].means}.`,
    '',
    `It is about the ${subject_kind} ${subject_name} (${subject_id}). Response of the hub: ${response_state}.`,
    `Look at it with "skerry intrusion show ${id}", or at ${config.publicUrl()}/audit?actor=${encodeURIComponent(subject_id)}`,
    '',
  ]
  return { to, subject: `Skerry: ${rule}`, text: text.join('\n') }
}
