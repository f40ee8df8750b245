/** Participant marks: the devices of a round at each site, by their state, and those that only offer the data. */
import type { CampaignCandidate, CampaignParticipant, ParticipantState } from '@skerry/contract/campaigns/campaign'
import type { Tone } from '../../components/facts/tones.ts'

export type ParticipantMark = {
  site: string
  /** From the best state to the worst. */
  states: readonly (readonly [state: ParticipantState, devices: number])[]
  /** Devices that offer the data and are not in the round. */
  offering: number
}

/** From the best to the worst. */
const ORDER: readonly ParticipantState[] = ['counted', 'evaluated', 'bounded', 'asked', 'late', 'failed', 'rejected']

type Devices = { participants: readonly CampaignParticipant[]; candidates: readonly CampaignCandidate[] }

/** By the name of the site. Of a round with several attempts, the newest one of each device counts. */
export function participantMarks({ participants, candidates }: Devices): ParticipantMark[] {
  const newest = new Map(
    participants.toSorted((a, b) => a.attempt - b.attempt).map((one) => [one.device as string, one] as const),
  )
  const bySite = new Map<string, { states: Map<ParticipantState, number>; offering: number }>()
  const at = (site: string) => {
    const known = bySite.get(site) ?? { states: new Map<ParticipantState, number>(), offering: 0 }
    bySite.set(site, known)
    return known
  }
  for (const { site, state } of newest.values()) {
    if (site === undefined) continue
    const { states } = at(site)
    states.set(state, (states.get(state) ?? 0) + 1)
  }
  for (const { site, device } of candidates) if (site !== undefined && !newest.has(device)) at(site).offering += 1
  return [...bySite]
    .map(([site, { states, offering }]) => ({
      site,
      states: ORDER.flatMap((state) => {
        const devices = states.get(state)
        return devices === undefined ? [] : [[state, devices] as const]
      }),
      offering,
    }))
    .toSorted((a, b) => (a.site < b.site ? -1 : 1))
}

const TONES: Readonly<Record<ParticipantState, Tone>> = {
  counted: 'good',
  evaluated: 'good',
  bounded: 'warn',
  asked: 'busy',
  late: 'warn',
  failed: 'bad',
  rejected: 'bad',
}

/** The colour of the worst state at the site. The words beside it repeat it. */
export function toneOfSite({ states }: Pick<ParticipantMark, 'states'>): Tone {
  const worst = states.at(-1)
  return worst ? TONES[worst[0]] : 'idle'
}
