/** Opinion store: the ratings and notes of people on listings, as records. */
import { OPINIONS_SHOWN, type Opinion, type Rating } from '@skerry/contract/market/opinion'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../../store/store.ts'
import type { MarketOpinionTable } from '../../store/tables/market/market-tables.ts'

type Place = { organisationId: OrganisationId; catalogue: string; listing: string }

/** Opinions on one listing, the newest first. */
export const listOpinions = (db: Db, { organisationId, catalogue, listing }: Place): Promise<MarketOpinionTable[]> =>
  db
    .selectFrom('market_opinions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('catalogue', '=', catalogue)
    .where('listing', '=', listing)
    .orderBy('changed_at_ms', 'desc')
    .orderBy('person_id')
    .limit(OPINIONS_SHOWN)
    .execute()

/** Inserts or replaces the opinion of the person. */
export async function saveOpinion(tx: Tx, row: MarketOpinionTable): Promise<void> {
  const { author, stars, note, private: isPrivate, changed_at_ms } = row
  await tx
    .insertInto('market_opinions')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'catalogue', 'listing', 'person_id'])
        .doUpdateSet({ author, stars, note, private: isPrivate, changed_at_ms }),
    )
    .execute()
}

export async function deleteOpinion(tx: Tx, { organisationId, catalogue, listing }: Place, personId: string) {
  await tx
    .deleteFrom('market_opinions')
    .where('organisation_id', '=', organisationId)
    .where('catalogue', '=', catalogue)
    .where('listing', '=', listing)
    .where('person_id', '=', personId)
    .execute()
}

/** The rating of each listing that somebody has rated, by `ratingKey`. One query for a whole search. */
export async function ratingsOf(db: Db, organisationId: OrganisationId): Promise<ReadonlyMap<string, Rating>> {
  const rows = await db
    .selectFrom('market_opinions')
    .select(({ fn }) => [
      'catalogue',
      'listing',
      fn.sum<number>('stars').as('stars'),
      fn.count<number>('stars').as('count'),
    ])
    .where('organisation_id', '=', organisationId)
    .where('stars', 'is not', null)
    .groupBy(['catalogue', 'listing'])
    .execute()
  return new Map(
    rows.map(({ catalogue, listing, stars, count }) => [
      ratingKey(catalogue, listing),
      { mean: rounded(Number(stars) / Number(count)), count: Number(count) },
    ]),
  )
}

export const ratingKey = (catalogue: string, listing: string) => `${catalogue}/${listing}`

/** One digit is as much as stars say. */
const rounded = (mean: number) => Math.round(mean * 10) / 10

/** The opinion as this person sees it: a private note of somebody else is left out. */
export function opinionOf(row: MarketOpinionTable, personId: string): Opinion {
  const isOwn = row.person_id === personId
  const isPrivate = row.private === 1
  return {
    by: row.author,
    ...(row.stars !== null && { stars: row.stars }),
    ...(row.note !== null && (isOwn || !isPrivate) && { note: row.note }),
    isPrivate,
    isOwn,
    changedAtMs: Number(row.changed_at_ms),
  }
}
