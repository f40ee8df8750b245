/** Contradictions: campaigns whose parts do not fit together, with the reason. */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { MASKED_UPDATES_MIN } from '@skerry/contract/campaigns/masking'
import { wantedCount } from './choose.ts'
import { KRUM_UPDATES_MAX, krumUpdatesMin } from './krum.ts'
import { isOfNumbers } from './metric.ts'
import { isMeanStrategy, trimCount } from './strategy.ts'

/** The reason; undefined if the parts fit. */
export const campaignTrouble = (spec: CampaignSpec): string | undefined =>
  CHECKS.map((check) => check(spec)).find(Boolean)

const CHECKS: readonly ((spec: CampaignSpec) => string | undefined)[] = [
  rankTrouble,
  krumTrouble,
  maskTrouble,
  noiseTrouble,
  scaffoldTrouble,
  optimiserTrouble,
  compressionTrouble,
  aggregateTrouble,
  stopTrouble,
  metricTrouble,
  labelTrouble,
]

function rankTrouble({ strategy, participants: { minimum } }: CampaignSpec): string | undefined {
  if (strategy.kind === 'median' && minimum < 3)
    return 'a median of two updates is their mean and tolerates no bad one; set participants.minimum to 3 or more'
  if (strategy.kind !== 'trimmed-mean') return undefined
  if (trimCount(strategy.trim, minimum) === 0)
    return `a trim of ${strategy.trim} leaves out none of ${minimum} updates; set participants.minimum to ${Math.ceil(1 / strategy.trim)} or more`
  return undefined
}

function krumTrouble(spec: CampaignSpec): string | undefined {
  const { strategy, participants } = spec
  if (strategy.kind !== 'krum') return undefined
  const needed = krumUpdatesMin(strategy.attackers)
  if (participants.minimum < needed)
    return `krum tolerates ${strategy.attackers} attackers among ${needed} updates at least; set participants.minimum to ${needed} or more`
  if (wantedCount(spec) > KRUM_UPDATES_MAX)
    return `krum compares each pair of updates, so a round selects at most ${KRUM_UPDATES_MAX} devices; lower participants.minimum or overSelect`
  return undefined
}

function maskTrouble({ strategy, participants: { minimum }, privacy }: CampaignSpec): string | undefined {
  if (!privacy?.masks) return undefined
  if (strategy.kind === 'fedbuff')
    return 'with fedbuff, devices never mask together, because none waits for another; use fedavg, or leave privacy.masks out'
  if (!isMeanStrategy(strategy))
    return `${strategy.kind} compares single updates, and masks hide them from the hub; use norm-bound with masks, or leave privacy.masks out`
  if (minimum < MASKED_UPDATES_MIN)
    return `in a sum of two updates, each device can compute the other one; set participants.minimum to ${MASKED_UPDATES_MIN} or more`
  return undefined
}

function noiseTrouble({ strategy, privacy }: CampaignSpec): string | undefined {
  if (!privacy?.noise) return undefined
  if (strategy.kind === 'fedbuff')
    return 'the accountant of privacy.noise counts rounds, and fedbuff has none; use fedavg, or leave privacy.noise out'
  if (!isMeanStrategy(strategy))
    return `${strategy.kind} is no sum, and the noise is measured for a sum; use fedavg, fedavgm or fedadam, or leave privacy.noise out`
  if (strategy.kind === 'norm-bound')
    return 'privacy.noise has a bound of its own; use fedavg, or leave privacy.noise out'
  return undefined
}

/** [Karimireddy 2020, equation 4] The correction is computed from plain steps, and from the update of each device. */
function scaffoldTrouble({ strategy, training, privacy }: CampaignSpec): string | undefined {
  if (strategy.kind !== 'scaffold') return undefined
  if (privacy?.masks)
    return 'scaffold needs the update of each device, and masks hide it from the hub; use fedavg, or leave privacy.masks out'
  if (privacy?.noise)
    return 'scaffold learns a correction from each step, which privacy.noise does not cover; use fedavg, or leave privacy.noise out'
  const { optimiser, momentum, clipNorm, proximal, batchNormalization } = training
  const isPlain = optimiser !== 'adam' && momentum === undefined && clipNorm === undefined && proximal === undefined
  if (!isPlain || batchNormalization === 'training')
    return 'scaffold corrects plain steps; leave training.optimiser, momentum, clipNorm, proximal and batchNormalization out, or use fedavg'
  return undefined
}

function optimiserTrouble({ training: { optimiser, momentum } }: CampaignSpec): string | undefined {
  if (optimiser === 'adam' && momentum !== undefined)
    return 'adam has moments of its own; leave training.momentum out, or use the optimiser sgd'
  return undefined
}

function compressionTrouble({ compression, strategy, privacy }: CampaignSpec): string | undefined {
  if (compression === undefined) return undefined
  if (privacy?.masks) return 'masked words cannot be compressed; leave compression out, or privacy.masks'
  if (strategy.kind === 'scaffold')
    return 'scaffold computes corrections from exact steps; leave compression out, or use fedavg'
  if (strategy.kind === 'fedbuff')
    return 'with fedbuff, the hub may no longer have the weights that a compressed step starts from; leave compression out, or use fedavg'
  return undefined
}

/** Strategies that add updates up without a look at a single one. */
const SUMMED: readonly CampaignSpec['strategy']['kind'][] = ['fedavg', 'fedavgm', 'fedadam', 'fedyogi', 'fedadagrad']

function aggregateTrouble({ aggregate, strategy, privacy }: CampaignSpec): string | undefined {
  if (aggregate === undefined) return undefined
  if (strategy.kind === 'fedbuff')
    return 'with fedbuff, devices do not wait for each other, so a site has no sum; use fedavg, or leave aggregate out'
  // With masks, each device shortens its own step.
  if (strategy.kind === 'norm-bound' && privacy?.masks) return undefined
  if (!SUMMED.includes(strategy.kind))
    return `${strategy.kind} needs the update of each device, and a sum of a site hides them from the hub; use fedavg, or leave aggregate out`
  if (privacy?.noise && !privacy.masks)
    return 'the hub shortens each step before it adds privacy.noise, which it cannot do in the sum of a site; add privacy.masks, with which devices shorten their own steps, or leave aggregate out'
  return undefined
}

function stopTrouble({ stop, rounds, result }: CampaignSpec): string | undefined {
  if (stop.patience !== undefined && stop.patience >= rounds)
    return `a patience of ${stop.patience} rounds never ends a campaign of ${rounds} rounds; leave it out, or shorten it`
  if (stop.accuracy !== undefined && result.accuracyMin !== undefined && stop.accuracy < result.accuracyMin)
    return `the campaign would stop at an accuracy of ${stop.accuracy}, and not publish it because it is below ${result.accuracyMin}`
  if (stop.error !== undefined && result.errorMax !== undefined && stop.error > result.errorMax)
    return `the campaign would stop at a mean error of ${stop.error}, and not publish it because it is above ${result.errorMax}`
  return undefined
}

/** A campaign is judged by one figure. */
function metricTrouble({ training: { loss }, stop, result }: CampaignSpec): string | undefined {
  const isOfShares = stop.accuracy !== undefined || result.accuracyMin !== undefined
  const isOfErrors = stop.error !== undefined || result.errorMax !== undefined
  if (isOfNumbers(loss) && isOfShares)
    return `the answers of the loss ${loss} are never right or wrong; use stop.error and result.errorMax instead of stop.accuracy and result.accuracyMin`
  if (!isOfNumbers(loss) && isOfErrors)
    return `the answers of the loss ${loss} are right or wrong; use stop.accuracy and result.accuracyMin instead of stop.error and result.errorMax`
  return undefined
}

/** The hub writes these labels itself. */
const OWN_LABELS = ['campaign', 'campaign-round']

function labelTrouble({ result }: CampaignSpec): string | undefined {
  const taken = OWN_LABELS.find((label) => label in result.labels)
  return taken && `the hub sets the label ${taken} itself; choose another one`
}
