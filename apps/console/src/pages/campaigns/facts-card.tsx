/** Facts card: the campaign as it was declared. */
import type { Campaign } from '@skerry/contract/campaigns/campaign'
import { Card, Facts } from '../../components/card.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { number } from '../../texts/count.ts'
import { campaignsTexts as words } from './english-campaigns.ts'

export function FactsCard({ campaign }: { campaign: Campaign }) {
  const { facts } = words
  const { spec, parameters, createdAtMs, createdBy } = campaign
  const { data, participants, training, strategy, deadlineSeconds } = spec
  const place = [participants.dataClass, participants.residency?.join(', ')].filter(Boolean).join('; ')
  const selector = participants.selector === 'true' ? facts.everyone : participants.selector
  const rows = [
    [facts.data, `${data.name}: ${facts.rows(data.type, data.shape)}, ${answersText(data)}`],
    [facts.devices, `${selector}; ${facts.minimum(participants.minimum)}`],
    ...(place === '' ? [] : [[facts.place, place] as const]),
    [facts.strategy, strategyText(strategy)],
    [facts.training, facts.trainingText(training.epochs, training.batchSize, training.learningRate)],
    [facts.loss, words.form.losses[training.loss]],
    [facts.privacy, privacyText(campaign)],
    ...(spec.aggregate === undefined ? [] : [[facts.sums, facts.sumsOfSites] as const]),
    [facts.weights, number.format(parameters)],
    [facts.deadline, facts.seconds(deadlineSeconds)],
  ] as const
  const started = [
    facts.started,
    <span key="started">
      <Instant ms={createdAtMs} /> {words.by(createdBy)}
    </span>,
  ] as const
  return (
    <Card title={facts.title}>
      <Facts rows={[...rows, started]} />
    </Card>
  )
}

const answersText = ({ classes, targets = [] }: Campaign['spec']['data']) =>
  classes === undefined ? words.facts.targets(targets) : words.facts.classes(classes)

/** Masks, and the spent part of the privacy budget. */
function privacyText({ spec: { privacy, aggregate }, epsilon = 0 }: Campaign): string {
  const { facts } = words
  const noMasks = aggregate === undefined ? facts.noMasks : facts.noMasksAtSite
  const masks = privacy?.masks ? facts.masks : noMasks
  const noise = privacy?.noise
  return `${masks}; ${noise ? facts.spent(epsilon, noise.epsilonMax, noise.delta) : facts.noNoise}`
}

/** The name, then its settings. */
function strategyText({ kind, ...settings }: Campaign['spec']['strategy']): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  return [kind, ...parts].join(', ')
}
