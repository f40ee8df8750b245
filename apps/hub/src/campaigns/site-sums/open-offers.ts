/** Open offers: whether a round waits for updates that are with the aggregators of their sites. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isOfferOpen } from '@skerry/core/campaigns/site-sums/site-sum'
import { deviceLinkOf, presentHubs } from '../../devices/device-link-store.ts'
import { findDevices } from '../../devices/device-store.ts'
import type { Hub } from '../../hub.ts'
import { piecesOf } from '../../store/many-rows.ts'
import type { Attempt } from '../participant-store.ts'
import { offersIn } from './offer-store.ts'

type Waiting = { organisationId: OrganisationId; attempt: Attempt; nowMs: number }

/** An update can come in the sum of its aggregator, or from its device. The round waits for neither if both are away. */
export async function hasOpenOffers(hub: Hub, { organisationId, attempt, nowMs }: Waiting): Promise<boolean> {
  const { db } = hub.store
  const open = (await offersIn(db, attempt)).filter(({ offer }) => isOfferOpen(offer, nowMs))
  const senders = new Set(open.flatMap(({ device, offer }) => [device, offer.aggregator]))
  const hubs = await presentHubs(hub)
  for (const piece of piecesOf([...senders].map((id) => ({ id })))) {
    const ids = piece.map(({ id }) => id)
    const rows = await findDevices(db, organisationId, ids)
    if (rows.some((row) => deviceLinkOf(row, hubs).connected)) return true
  }
  return false
}
