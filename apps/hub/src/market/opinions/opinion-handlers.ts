/** Handlers of the procedures on ratings and notes. */
import { os } from '../../http/implementer.ts'
import type { MarketOpinionTable } from '../../store/tables/market/market-tables.ts'
import { listedVersions } from '../open-listing.ts'
import { deleteOpinion, listOpinions, opinionOf, ratingKey, ratingsOf, saveOpinion } from './opinion-store.ts'

export const opinionHandlers = {
  opinions: os.market.opinions.handler(async ({ context, input: { catalogue, listing } }) => {
    const { hub, organisationId, caller } = context
    await listedVersions(hub, { organisationId, catalogue, listing })
    const rows = await listOpinions(hub.store.db, { organisationId, catalogue, listing })
    const rating = (await ratingsOf(hub.store.db, organisationId)).get(ratingKey(catalogue, listing))
    // An opinion that is only a private note of somebody else has nothing to show.
    const shown = rows
      .map((row) => opinionOf(row, caller.personId))
      .filter(({ stars, note }) => stars !== undefined || note !== undefined)
    return { rows: shown, ...(rating && { rating }) }
  }),
  rate: os.market.rate.handler(async ({ context, input }) => {
    const { hub, organisationId, caller } = context
    const { catalogue, listing, stars = null, note = null, isPrivate } = input
    await listedVersions(hub, { organisationId, catalogue, listing })
    const row: MarketOpinionTable = {
      organisation_id: organisationId,
      catalogue,
      listing,
      person_id: caller.personId,
      author: caller.name,
      stars,
      note,
      private: isPrivate ? 1 : 0,
      changed_at_ms: hub.clock.nowMs(),
    }
    await context.change(async (tx, trail) => {
      trail.object = { kind: 'listing', id: ratingKey(catalogue, listing) }
      trail.detail = { ...(stars !== null && { stars }), isPrivate, hasNote: note !== null }
      await saveOpinion(tx, row)
    })
    return opinionOf(row, caller.personId)
  }),
  unrate: os.market.unrate.handler(async ({ context, input: { catalogue, listing } }) => {
    const { hub, organisationId, caller } = context
    await listedVersions(hub, { organisationId, catalogue, listing })
    await context.change(async (tx, trail) => {
      trail.object = { kind: 'listing', id: ratingKey(catalogue, listing) }
      await deleteOpinion(tx, { organisationId, catalogue, listing }, caller.personId)
    })
    return {}
  }),
}
