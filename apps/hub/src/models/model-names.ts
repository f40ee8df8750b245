/** Model names: whether words that look like the name of a model are one. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import type { Db } from '../store/store.ts'

/** A text of a person may have hundreds of words, and each costs a query. */
const NAMES_MAX = 5

/** The first of these words with which no name of a deployable ends. Words beyond the first few are not checked. */
export async function unknownNameOf(
  db: Db,
  organisationId: OrganisationId,
  words: readonly string[],
): Promise<string | undefined> {
  for (const word of words.slice(0, NAMES_MAX)) {
    if (!(await isEndOfName(db, organisationId, word))) return word
  }
  return undefined
}

/** A filter finds a model by the end of its name, so that `oven:2` finds `big-oven:2`. */
async function isEndOfName(db: Db, organisationId: OrganisationId, word: string): Promise<boolean> {
  // A name has no character that LIKE gives a meaning.
  if (!Name.safeParse(word).success) return false
  const row = await db
    .selectFrom('models')
    .select('name')
    .where('organisation_id', '=', organisationId)
    .where('name', 'like', `%${word}`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
