/** Choose: the participants of a round, from a seed, so that a repeated decision chooses the same devices. */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignAbility, OfferedData } from '@skerry/contract/held/campaigns'
import type { Clearance } from '@skerry/contract/values/clearance'
import { Clearance as Clearances } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isWithin } from '../places/residency.ts'

export type Chance = { seed: number; round: number; attempt: number }

/** The number of devices that a round asks: more than its minimum, because some of them will be late. */
export const wantedCount = ({ participants }: Pick<CampaignSpec, 'participants'>): number =>
  Math.ceil(participants.minimum * (1 + participants.overSelect))

/** So many of them, chosen by chance. The order of the candidates does not matter. */
export function chooseParticipants(candidates: readonly DeviceId[], wanted: number, chance: Chance): DeviceId[] {
  const start = mixNumbers([chance.seed, chance.round, chance.attempt])
  const drawn = candidates.map((id) => ({ id, place: hashText(id, start) }))
  return drawn
    .toSorted((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1))
    .slice(0, wanted)
    .map(({ id }) => id)
}

/** Each candidate by itself with this probability. */
export function drawEach(
  candidates: readonly DeviceId[],
  rate: number,
  { seed, round, attempt, draw }: Chance & { draw: number },
): DeviceId[] {
  const start = mixNumbers([seed, round, attempt, draw])
  return candidates.filter((id) => hashText(id, start) < rate * 2 ** 32)
}

/** [FNV-1a] Small, and the same everywhere. It protects nothing: the hub could choose devices at will anyway. */
export function hashText(text: string, start: number): number {
  let hash = 2_166_136_261 ^ start
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619)
  // [murmur3, fmix32] FNV alone leaves ids that differ in the last letter near each other.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export const mixNumbers = (numbers: readonly number[]): number =>
  numbers.reduce((hash, number) => hashText(String(number), hash), 1)

export type CandidateFacts = {
  offered: OfferedData | undefined
  site: { clearance: Clearance; country?: string | undefined }
  /** What the operator of the device states, whatever the hub knows about its site. */
  stated?: { clearance?: Clearance | undefined; country?: string | undefined } | undefined
  isSelected: boolean
  /** The devices count their rows, and train nothing. */
  isSurvey?: boolean
  /** People erased rows, and the device has not yet reported that it did so too. */
  isBehind?: boolean
}

/** Why the device cannot take part; undefined if it can. */
export function candidateTrouble(
  spec: CampaignSpec,
  { offered, site, stated, isSelected, isSurvey = false, isBehind = false }: CandidateFacts,
): string | undefined {
  const { data, name } = spec
  if (!isSelected) return 'the selector of the campaign does not match the device'
  if (!offered) return `the device offers no data ${data.name}`
  if (isBehind && offered.source === 'captures')
    return 'it has not yet erased the rows that people erased; it does so as soon as it is connected'
  if (offered.problem !== undefined) return `the device cannot read its data: ${offered.problem}`
  if (offered.campaigns !== 'any' && !offered.campaigns.includes(name))
    return `the device does not consent: its --training-data names neither ${name} nor any`
  const misfit = dataTrouble(data, offered)
  if (misfit !== undefined) return misfit
  if (spec.privacy?.masks && !offered.masks) return 'its agent is too old to mask updates; update the agent'
  const lacking = abilitiesFor(spec, isSurvey).find(({ ability }) => !offered.abilities?.includes(ability))
  if (lacking) return `its agent is too old for ${lacking.part}; update the agent`
  if (isSurvey && spec.privacy?.masks && !fitsMaskedCounts(spec, offered))
    return `it offers ${offered.rows} rows, which is more than masked counts can hold`
  return placeTrouble(spec, site, stated)
}

/** [survey.ts] Masked counts are words of 32 bits, and the sum of all participants must not wrap. */
const fitsMaskedCounts = ({ data, participants }: CampaignSpec, { rows }: OfferedData): boolean =>
  rows * elementsOf(data.shape) * participants.minimum < 2 ** 32

/** A device rejects its operator's exclusions by itself, so that its part would never come. */
function placeTrouble(
  { participants: { dataClass, residency } }: CampaignSpec,
  site: CandidateFacts['site'],
  stated: CandidateFacts['stated'],
): string | undefined {
  if (dataClass !== undefined && isBelow(site.clearance, dataClass))
    return `the site is cleared for ${site.clearance} data, not for ${dataClass}`
  if (dataClass !== undefined && stated?.clearance !== undefined && isBelow(stated.clearance, dataClass))
    return `its operator clears it for ${stated.clearance} data, not for ${dataClass}`
  if (residency && !isWithin(site.country, residency)) return `the site is not in ${residency.join(', ')}`
  if (residency && stated?.country !== undefined && !isWithin(stated.country, residency))
    return `its operator states that it is in ${stated.country}, which is not in ${residency.join(', ')}`
  return undefined
}

/** The abilities that an agent needs for the campaign, each with the part of the declaration that needs it. */
function abilitiesFor(
  { data, training, strategy, compression }: CampaignSpec,
  isSurvey: boolean,
): { ability: CampaignAbility; part: string }[] {
  return [
    ...(isSurvey ? [{ ability: 'survey' as const, part: 'surveys' }] : []),
    ...(training.clipNorm === undefined ? [] : [{ ability: 'clip' as const, part: 'training.clipNorm' }]),
    ...(compression === undefined ? [] : [{ ability: 'compression' as const, part: 'compression' }]),
    ...(strategy.kind === 'scaffold' ? [{ ability: 'control' as const, part: 'the strategy scaffold' }] : []),
    ...(data.targets === undefined ? [] : [{ ability: 'targets' as const, part: 'data.targets' }]),
    ...(training.personal === undefined ? [] : [{ ability: 'personal' as const, part: 'training.personal' }]),
  ]
}

const isBelow = (clearance: Clearance, dataClass: Clearance) =>
  Clearances.options.indexOf(clearance) < Clearances.options.indexOf(dataClass)

/** A row of 28 × 28 values fits a model that reads 784. */
export const elementsOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

type Needed = Pick<CampaignSpec['data'], 'type' | 'shape' | 'classes' | 'rowsMin'> & {
  targets?: readonly number[] | undefined
}

/** Why the data does not fit; undefined if it does. The device checks it too. */
export function dataTrouble(needed: Needed, offered: Omit<OfferedData, 'name' | 'campaigns'>): string | undefined {
  if (offered.type !== needed.type) return `its data is ${offered.type}, and the campaign needs ${needed.type}`
  if (elementsOf(offered.shape) !== elementsOf(needed.shape))
    return `a row of its data has the shape [${offered.shape.join(', ')}], and the campaign needs [${needed.shape.join(', ')}]`
  const misfit = needed.targets ? targetTrouble(needed.targets, offered) : classTrouble(needed.classes, offered)
  if (misfit !== undefined) return misfit
  if (offered.rows < needed.rowsMin) return `it has ${offered.rows} rows, and the campaign needs ${needed.rowsMin}`
  return undefined
}

type OfferedLabels = Pick<OfferedData, 'classes' | 'targets'>

/** Whole numbers from 0 are one target of a row, too. */
function targetTrouble(needed: readonly number[], { targets = [1] }: OfferedLabels): string | undefined {
  if (elementsOf(targets) === elementsOf(needed)) return undefined
  return `the numbers of its labels have the shape [${targets.join(', ')}] for a row, and the campaign needs [${needed.join(', ')}]`
}

function classTrouble(needed: number | undefined, { classes, targets }: OfferedLabels): string | undefined {
  if (targets) return 'its labels are numbers, and the campaign needs classes, which are whole numbers from 0'
  if (needed !== undefined && classes > needed)
    return `its labels go up to ${classes - 1}, and the campaign has ${needed} classes`
  return undefined
}
