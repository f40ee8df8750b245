/** Candidates: the devices that offer the data of a campaign, and whether each may take part now. */
import type { CampaignCandidate, CampaignParticipant, CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { candidateTrouble } from '@skerry/core/campaigns/choose'
import type { DatedVersion } from '@skerry/core/campaigns/data-versions'
import { compileSelector } from '@skerry/core/selectors/selector'
import { idsBehind, lastErasure } from '../captures/capture-store.ts'
import { deviceLinkOf, presentHubs } from '../devices/device-link-store.ts'
import { type DeviceRow, factsOf, findDevices } from '../devices/device-store.ts'
import { expandSelector } from '../groups/group-store.ts'
import { throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { CampaignParticipantTable } from '../store/tables/learning/campaign-tables.ts'
import { offersOf, participantOf } from './participant-store.ts'

export type Candidate = CampaignCandidate & { id: DeviceId }

/** By name. The work grows with the devices that offer data, and not with the fleet. */
export async function candidatesOf(
  hub: Hub,
  organisationId: OrganisationId,
  spec: CampaignSpec,
  isSurvey = false,
): Promise<Candidate[]> {
  const { db } = hub.store
  const selector = compileSelector(await expandSelector(db, organisationId, spec.participants.selector))
  if (!selector.ok) return throwProblem(selector)
  const offers = await offersOf(db, organisationId)
  const behind = await idsBehind(db, organisationId, await lastErasure(db, organisationId))
  const hubs = await presentHubs(hub)
  const nowMs = hub.clock.nowMs()
  const candidates: Candidate[] = []
  for (const ids of piecesOf([...offers.keys()].map((id) => ({ id })))) {
    const rows = await findDevices(
      db,
      organisationId,
      ids.map(({ id }) => id),
    )
    for (const row of rows) {
      const offered = offers.get(row.id)?.find(({ name }) => name === spec.data.name)
      if (!offered) continue
      const known = factsOf(row, nowMs)
      const stated = { clearance: known.device.statedClearance, country: known.device.statedCountry }
      const isSelected = selector.matches(known)
      const facts = { offered, site: siteOf(row), stated, isSelected, isSurvey, isBehind: behind.has(row.id) }
      const reason = row.status === 'active' ? candidateTrouble(spec, facts) : `the device is ${row.status}`
      candidates.push({
        id: row.id,
        device: row.name,
        site: row.site,
        rows: offered.rows,
        isEligible: reason === undefined,
        isConnected: deviceLinkOf(row, hubs).connected,
        ...(reason !== undefined && { reason }),
        ...(offered.source !== undefined && { source: offered.source }),
        ...(offered.leftOut && { leftOut: offered.leftOut }),
      })
    }
  }
  return candidates.toSorted((a, b) => (a.device < b.device ? -1 : 1))
}

/** Participants as the API shows them, with the sites of the devices. */
export async function shownParticipants(
  { store: { db } }: Hub,
  organisationId: OrganisationId,
  rows: readonly CampaignParticipantTable[],
  earlier: ReadonlyMap<DeviceId, DatedVersion> = new Map(),
): Promise<CampaignParticipant[]> {
  const ids = new Set(rows.map(({ device_id }) => device_id))
  const sites = new Map<DeviceId, string>()
  for (const piece of piecesOf([...ids].map((id) => ({ id })))) {
    const devices = piece.map(({ id }) => id)
    for (const { id, site } of await findDevices(db, organisationId, devices)) sites.set(id, site)
  }
  return rows.map((row) => {
    const site = sites.get(row.device_id)
    return { ...participantOf(row, earlier.get(row.device_id)), ...(site !== undefined && { site }) }
  })
}

const siteOf = (row: DeviceRow) => ({
  clearance: row.site_clearance,
  ...(row.site_country !== null && { country: row.site_country }),
})

export const shownCandidate = ({ id: _, ...candidate }: Candidate): CampaignCandidate => candidate
