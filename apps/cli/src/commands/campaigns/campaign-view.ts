/** Campaign view: campaigns, their rounds and their participants as tables. */
import type {
  Campaign,
  CampaignCandidate,
  CampaignParticipant,
  CampaignRound,
} from '@skerry/contract/campaigns/campaign'
import type { ParticipantData } from '@skerry/contract/campaigns/data-version'
import type { CampaignNoise } from '@skerry/contract/campaigns/noise'
import { isOfNumbers } from '@skerry/core/campaigns/metric'
import { leftOutCount } from '@skerry/core/captures/training-row'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText, sizeText } from '../../program/terminal/words.ts'

/** One line for each campaign. */
export const campaignsTable = (campaigns: readonly Campaign[], style: Style): string =>
  tableOf(
    style,
    ['CAMPAIGN', 'MODEL', 'STATE', 'ROUND', 'ACCURACY/ERROR', 'RESULT', 'STARTED'],
    campaigns.map((campaign) => [
      campaign.spec.name,
      `${campaign.spec.model}:${campaign.baseVersion}`,
      stateText(campaign),
      `${campaign.round} of ${campaign.spec.rounds}`,
      metricText(campaign),
      resultText(campaign),
      instantText(campaign.createdAtMs),
    ]),
    'no campaigns yet; "skerry campaign create" starts one from a file',
  )

const WORDS = {
  select: 'selecting devices',
  train: 'training',
  aggregate: 'aggregating',
  evaluate: 'evaluating',
  publish: 'publishing',
  done: 'done',
  failed: 'failed',
  stopped: 'stopped',
} as const

/** The stages of a masked round. */
const STAGES = {
  keys: 'exchanging keys',
  shares: 'sharing secrets',
  update: 'training',
  reveal: 'removing masks',
} as const

export function stateText({ phase, stage, isPaused }: Pick<Campaign, 'phase' | 'stage' | 'isPaused'>): string {
  if (isPaused) return 'paused'
  return phase === 'train' && stage ? STAGES[stage] : WORDS[phase]
}

const resultText = ({ spec, resultVersion }: Campaign) =>
  resultVersion === undefined ? '' : `${spec.model}:${resultVersion}`

const percent = (share: number | undefined) => (share === undefined ? '' : `${(share * 100).toFixed(1)} %`)

const figure = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(4))))

/** The accuracy, or the mean error with its sign. */
const metricText = ({ accuracy, error }: Pick<CampaignRound, 'accuracy' | 'error'>) =>
  error === undefined ? percent(accuracy) : `± ${figure(error)}`

/** The campaign with the figures of each round. */
export function campaignText(campaign: Campaign, rounds: readonly CampaignRound[], style: Style): string {
  const { spec } = campaign
  const { participants, strategy, data } = spec
  const facts = factsOf(style, [
    ['campaign', spec.name],
    ['model', `${spec.model}:${campaign.baseVersion}, ${countText(campaign.parameters, 'weight')}`],
    ['state', campaign.reason === undefined ? stateText(campaign) : `${stateText(campaign)}: ${campaign.reason}`],
    ['data', `${data.name}, rows of ${data.type} [${data.shape.join(', ')}], ${answersText(data)}`],
    ['devices', `at least ${participants.minimum} of ${participants.selector}`],
    ['strategy', strategy.kind],
    ['loss', spec.training.loss],
    ['privacy', privacyText(campaign)],
    ...(spec.aggregate === 'site' ? [['sums', 'a device of each site adds the updates of its site'] as const] : []),
    ['result', resultText(campaign) || 'none yet'],
    ['started', `${instantText(campaign.createdAtMs)} by ${campaign.createdBy}`],
  ])
  return `${facts}\n\n${roundsTable(campaign, rounds, style)}`
}

const answersText = ({ classes, targets = [] }: Campaign['spec']['data']) =>
  classes === undefined ? `targets [${targets.join(', ')}]` : `${classes} classes`

function privacyText({ spec: { privacy, aggregate }, epsilon = 0 }: Campaign): string {
  const reader = aggregate === undefined ? 'the hub' : 'the cache of a site, or the hub,'
  const masks = privacy?.masks
    ? 'masks: the hub receives sums of updates only'
    : `no masks: ${reader} receives the update of each device`
  return `${masks}; ${privacy?.noise ? spentText(privacy.noise, epsilon) : 'no noise'}`
}

/** The spent privacy, and the budget if there is one. */
export function spentText({ delta, epsilonMax }: CampaignNoise, epsilon: number): string {
  const budget = epsilonMax === undefined ? '' : ` of ${epsilonMax}`
  return `ε ${epsilon.toFixed(3)}${budget} at δ ${delta}`
}

function roundsTable({ spec }: Campaign, rounds: readonly CampaignRound[], style: Style): string {
  const isNoisy = rounds.some(({ epsilon }) => epsilon !== undefined)
  const isSummed = spec.aggregate !== undefined
  const hasChanged = rounds.some(({ dataChanged = 0 }) => dataChanged > 0)
  return tableOf(
    style,
    [
      'ROUND',
      isOfNumbers(spec.training.loss) ? 'MEAN ERROR' : 'ACCURACY',
      'LOSS',
      'TRAINING LOSS',
      ...(isNoisy ? ['EPSILON'] : []),
      'COUNTED',
      ...(isSummed ? ['IN SUMS'] : []),
      'REJECTED',
      'DROPPED',
      'ROWS',
      ...(hasChanged ? ['DATA CHANGED'] : []),
      'RECEIVED',
    ],
    rounds.map((one) => [
      one.round === 0 ? 'base' : one.round,
      one.error === undefined ? percent(one.accuracy) : figure(one.error),
      figure(one.loss),
      figure(one.trainLoss),
      ...(isNoisy ? [figure(one.epsilon)] : []),
      ...cellsOf(one, { isSummed, hasChanged }),
    ]),
    'no round yet',
  )
}

type Shown = { isSummed: boolean; hasChanged: boolean }

/** The base has no devices. */
function cellsOf(one: CampaignRound, { isSummed, hasChanged }: Shown): (string | number)[] {
  const { round, counted, selected, summed = 0, rejected, dropped, rows, bytesUp } = one
  const cells = [
    `${counted} of ${selected}`,
    ...(isSummed ? [summed] : []),
    ...[rejected, dropped, rows],
    ...(hasChanged ? [changedText(one)] : []),
    sizeText(bytesUp),
  ]
  return round === 0 ? cells.map(() => '') : cells
}

const changedText = ({ dataChanged }: CampaignRound) => (dataChanged ? countText(dataChanged, 'device') : '')

/** The devices of a round. */
export const participantsTable = (participants: readonly CampaignParticipant[], style: Style): string =>
  tableOf(
    style,
    ['DEVICE', 'SITE', 'ATTEMPT', 'STATE', 'ROWS', 'DATA', 'STEP', 'RECEIVED', 'WHY'],
    participants.map(({ device, site, attempt, state, rows, data, norm, bytes, ...why }) => [
      device,
      site ?? '',
      attempt,
      state,
      rows ?? '',
      data ? dataText(data) : '',
      figure(norm),
      bytes === undefined ? '' : sizeText(bytes),
      whyText(why),
    ]),
    'no device has been selected for the round',
  )

function whyText({ code, message = '', summedBy }: Pick<CampaignParticipant, 'code' | 'message' | 'summedBy'>): string {
  if (code !== undefined) return `${code}: ${message}`
  return summedBy === undefined ? '' : `in the sum of ${summedBy}`
}

/** Digits that tell the versions of one device apart. */
const FINGERPRINT_SHOWN = 8

function dataText({ fingerprint, rows, earlier }: ParticipantData): string {
  const version = fingerprint.slice(0, FINGERPRINT_SHOWN)
  if (!earlier) return version
  if (earlier.isSame) return `${version}, as in round ${earlier.round}`
  return `${version}, changed since round ${earlier.round}: ${earlier.rows} rows, now ${rows}`
}

/** The devices that offer the data, and why some of them cannot take part. */
export const candidatesTable = (candidates: readonly CampaignCandidate[], style: Style): string =>
  tableOf(
    style,
    ['DEVICE', 'ROWS', 'FROM', 'CONNECTED', 'MAY TAKE PART'],
    candidates.map(({ device, rows, source, leftOut, isConnected, isEligible, reason }) => [
      device,
      rows,
      sourceText({ source, leftOut }),
      isConnected ? 'yes' : 'no',
      isEligible ? 'yes' : `no: ${reason ?? ''}`,
    ]),
    'no device offers the data; start agents with --training-data NAME:CAMPAIGNS=DIR',
  )

/** Captured rows are shown with the number of those that do not train. */
function sourceText({ source = '', leftOut }: Pick<CampaignCandidate, 'source' | 'leftOut'>): string {
  const others = leftOut ? leftOutCount(leftOut) : 0
  return others > 0 ? `${source}, ${others} left out` : source
}

/** One line of a campaign that is watched. */
export const campaignLine = (campaign: Campaign, rounds: readonly CampaignRound[]): string => {
  const { spec, round, reason } = campaign
  const last = rounds.findLast(({ accuracy, error }) => (accuracy ?? error) !== undefined)
  const found =
    last && (last.error === undefined ? `accuracy ${percent(last.accuracy)}` : `mean error ${figure(last.error)}`)
  const course = last && `${found} after ${last.round === 0 ? 'no round' : `round ${last.round}`}`
  return [`${spec.name}: ${stateText(campaign)}, round ${round} of ${spec.rounds}`, course, reason]
    .filter((part) => part !== undefined)
    .join('; ')
}
