/**
 * Site budget: the hub counts the bytes of files that it sends to the devices of a site in a day, and stops at the limit
 * that a setting gives. It counts ahead of the bytes, in the database, so that neither a kill nor another hub gives more.
 */
import type { OrganisationId, SiteId } from '@skerry/contract/values/ids'
import { bytesGranted, dayOf, siteBudgetSpent } from '@skerry/core/settings/download-limits'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import { wantedSettings } from './device-settings.ts'
import type { SettledDevice } from './settings-store.ts'

export type SiteMeter = AsyncDisposable & {
  /** False if the budget of the site is spent: these bytes must not be sent. */
  take(bytes: number): Promise<boolean>
}

/** A download writes to the database once for each megabyte. */
const STEP_BYTES = 1_000_000

type BudgetHub = Pick<Hub, 'store' | 'clock'>

/** Undefined if the site has no budget. Throws `rate_limited` if it is spent. */
export async function siteMeter(hub: BudgetHub, device: SettledDevice): Promise<SiteMeter | undefined> {
  const { settings } = await wantedSettings(hub.store.db, device)
  const { siteDownloadMbPerDay: mbPerDay } = settings
  if (mbPerDay === undefined) return undefined
  const site = { siteId: device.site_id, organisationId: device.organisation_id, mbPerDay }
  const row = await hub.store.db
    .selectFrom('site_downloads')
    .select(['day', 'bytes'])
    .where('site_id', '=', site.siteId)
    .executeTakeFirst()
  const known = row && { day: row.day, bytes: Number(row.bytes) }
  const spent = siteBudgetSpent(mbPerDay, known, hub.clock.nowMs())
  if (spent) throw problem('rate_limited', spent.message, { retryAfterMs: spent.retryAfterMs })
  let leftBytes = 0
  return {
    async take(bytes) {
      while (leftBytes < bytes) {
        const granted = await reserve(hub, site, Math.max(STEP_BYTES, bytes - leftBytes))
        if (granted === 0) {
          // The rest is smaller than a piece. Given back, it would admit request after request without a byte for any.
          leftBytes = 0
          return false
        }
        leftBytes += granted
      }
      leftBytes -= bytes
      return true
    },
    async [Symbol.asyncDispose]() {
      if (leftBytes > 0) await reserve(hub, site, -leftBytes)
      leftBytes = 0
    },
  }
}

type Budgeted = { siteId: SiteId; organisationId: OrganisationId; mbPerDay: number }

/** A negative number of bytes gives back what was not sent. */
function reserve({ store, clock }: BudgetHub, { siteId, organisationId, mbPerDay }: Budgeted, wanted: number) {
  return store.transaction(async (tx: Tx) => {
    const day = dayOf(clock.nowMs())
    const row = await tx.selectFrom('site_downloads').selectAll().where('site_id', '=', siteId).executeTakeFirst()
    const bytes = row?.day === day ? Number(row.bytes) : 0
    const granted = wanted < 0 ? Math.max(wanted, -bytes) : bytesGranted(mbPerDay, bytes, wanted)
    if (granted === 0) return 0
    const next = { day, bytes: bytes + granted }
    await tx
      .insertInto('site_downloads')
      .values({ site_id: siteId, organisation_id: organisationId, ...next })
      .onConflict((conflict) => conflict.column('site_id').doUpdateSet(next))
      .execute()
    return granted
  })
}

/**
 * The bytes of the stream as far as the budget allows them. Then `stop` must cut the connection, and the stream fails: an
 * early end would look like damaged bytes.
 */
export async function* withinSiteBudget(
  stream: AsyncIterable<Uint8Array>,
  meter: SiteMeter | undefined,
  stop: () => void,
): AsyncGenerator<Uint8Array> {
  await using counted = meter
  for await (const piece of stream) {
    if (counted && !(await counted.take(piece.length))) {
      stop()
      throw problem('rate_limited', 'the devices of the site have fetched the budget of this day')
    }
    yield piece
  }
}
