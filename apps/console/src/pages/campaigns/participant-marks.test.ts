import type { CampaignCandidate, CampaignParticipant } from '@skerry/contract/campaigns/campaign'
import { expect, test } from 'vitest'
import { participantMarks, toneOfSite } from './participant-marks.ts'

const participant = (device: string, state: CampaignParticipant['state'], site?: string, attempt = 1) =>
  ({ device, state, attempt, round: 1, atMs: 1, ...(site !== undefined && { site }) }) as CampaignParticipant

const candidate = (device: string, site: string) =>
  ({ device, site, rows: 9, isEligible: true, isConnected: true }) as CampaignCandidate

test('a site has the newest state of each device, and its worst one gives the colour', () => {
  const marks = participantMarks({
    participants: [
      participant('a', 'counted', 'oslo', 2),
      participant('a', 'late', 'oslo', 1),
      participant('b', 'counted', 'oslo'),
      participant('c', 'rejected', 'bergen'),
      participant('gone', 'late'),
    ],
    candidates: [candidate('a', 'oslo'), candidate('d', 'bergen'), candidate('e', 'lund')],
  })
  expect(marks).toEqual([
    { site: 'bergen', states: [['rejected', 1]], offering: 1 },
    { site: 'lund', states: [], offering: 1 },
    { site: 'oslo', states: [['counted', 2]], offering: 0 },
  ])
  expect(marks.map(toneOfSite)).toEqual(['bad', 'idle', 'good'])
})
