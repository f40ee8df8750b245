import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { expect, test } from 'vitest'
import { candidateTrouble } from './choose.ts'
import { campaignTrouble } from './contradictions.ts'
import { correctionOf, createControlMixer, nextControl, stepsOfPass } from './scaffold.ts'
import { createMixer } from './strategy.ts'
import { unmatchedPattern, weightsMatching } from './weight-patterns.ts'

/** A device whose rows pull one weight to `target`, with this curvature. */
type Pull = { target: number; curve: number }

/** The optimum of all devices is the mean of the targets, weighted by the curvatures. */
const PULLS: readonly Pull[] = [
  { target: 10, curve: 0.4 },
  { target: -2, curve: 0.1 },
  { target: 1, curve: 0.5 },
]

const ROWS = 40
const TRAINING = { epochs: 5, batchSize: 4, learningRate: 0.2 }
const STEPS = 50

const line = (value: number) => Float32Array.of(value)

/** Exact steps of gradient descent. */
function trained(start: number, { target, curve }: Pull, correction: number): number {
  let at = start
  for (let step = 0; step < STEPS; step += 1) at -= TRAINING.learningRate * (curve * (at - target) + correction)
  return at
}

/** The weight after so many rounds. A round takes all devices, or all but one of them in turn. */
function runRounds({ isCorrected, isPartial = false }: { isCorrected: boolean; isPartial?: boolean }): number {
  let weight = line(0)
  let mean: Float32Array = line(0)
  const own: Float32Array[] = PULLS.map(() => line(0))
  for (let round = 0; round < 400; round += 1) {
    const start = weight
    const mixer = createMixer({ kind: 'scaffold', serverRate: isPartial ? 0.2 : 1 }, start, {})
    const control = createControlMixer({ start, mean, training: TRAINING, fleet: PULLS.length })
    for (const [at, pull] of PULLS.entries()) {
      if (isPartial && round % PULLS.length === at) continue
      const before = own[at] ?? line(0)
      const [correction = 0] = isCorrected ? correctionOf(before, mean) : [0]
      const values = line(trained(start[0] ?? 0, pull, correction))
      mixer.add(values, ROWS)
      control.add(values, ROWS)
      own[at] = nextControl(before, mean, { start, trained: values, rows: ROWS, training: TRAINING })
    }
    weight = mixer.mix().weights as Float32Array<ArrayBuffer>
    mean = control.next()
  }
  return weight[0] ?? Number.NaN
}

const OPTIMUM = (10 * 0.4 - 2 * 0.1 + 1 * 0.5) / (0.4 + 0.1 + 0.5)

test('corrected steps reach the optimum of all devices, which a plain mean misses', () => {
  expect(OPTIMUM).toBeCloseTo(4.3)
  expect(Math.abs(runRounds({ isCorrected: false }) - OPTIMUM)).toBeGreaterThan(0.5)
  expect(runRounds({ isCorrected: true })).toBeCloseTo(OPTIMUM, 2)
  expect(runRounds({ isCorrected: true, isPartial: true })).toBeCloseTo(OPTIMUM, 1)
})

test('the mean direction is the mean of the directions of the devices, of which only some took part', () => {
  const start = line(0)
  const mean = line(0.5)
  const before = [line(0.25), line(0.75), line(0.5)]
  const control = createControlMixer({ start, mean, training: TRAINING, fleet: 3 })
  const after = before.map((own, at) => {
    if (at === 2) return own
    const values = line(at + 1)
    control.add(values, ROWS)
    return nextControl(own, mean, { start, trained: values, rows: ROWS, training: TRAINING })
  })
  const [sum = Number.NaN] = after.reduce((a, b) => line((a[0] ?? 0) + (b[0] ?? 0)))
  expect(control.next()[0]).toBeCloseTo(sum / 3, 6)
  const idle = createControlMixer({ start, mean, training: TRAINING, fleet: 3 })
  expect(idle.next()).toEqual(mean)
})

test('a pass has as many steps as its rows fill, and one at least', () => {
  expect([stepsOfPass({ batchSize: 10 }, 39), stepsOfPass({ batchSize: 10 }, 3)]).toEqual([3, 1])
})

const specOf = (parts: object) =>
  CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    data: { name: 'digits', shape: [4], classes: 3 },
    rounds: 3,
    participants: { minimum: 3 },
    ...parts,
  })

test('scaffold is refused with masks, with noise and with steps that are not plain', () => {
  const scaffold = (parts: object = {}) => campaignTrouble(specOf({ strategy: { kind: 'scaffold' }, ...parts }))
  expect(scaffold()).toBeUndefined()
  expect(scaffold({ privacy: { masks: {} } })).toContain('masks hide it')
  expect(scaffold({ privacy: { noise: { bound: 1, multiplier: 1 } } })).toContain('does not cover')
  for (const training of [{ momentum: 0.9 }, { optimiser: 'adam' }, { clipNorm: 1 }, { proximal: 1 }])
    expect(scaffold({ training }), JSON.stringify(training)).toContain('corrects plain steps')
  expect(scaffold({ training: { batchNormalization: 'training' } })).toContain('corrects plain steps')
  expect(campaignTrouble(specOf({ training: { optimiser: 'adam', momentum: 0.9 } }))).toContain('moments of its own')
})

test('a device takes part only if its agent has the abilities that the campaign needs', () => {
  const site = { clearance: 'confidential', country: 'DE' } as const
  const offered = { name: 'digits', rows: 100, type: 'float32', shape: [4], classes: 3, campaigns: 'any' } as const
  const trouble = (parts: object, abilities?: string[]) =>
    candidateTrouble(specOf(parts), {
      offered: { ...offered, shape: [4], ...(abilities && { abilities }) },
      site,
      isSelected: true,
    })
  expect(trouble({})).toBeUndefined()
  expect(trouble({ strategy: { kind: 'scaffold' } })).toContain('too old for the strategy scaffold')
  expect(trouble({ training: { personal: ['head.*'] } }, ['control'])).toContain('too old for training.personal')
  expect(trouble({ training: { clipNorm: 1 } }, [])).toContain('too old for training.clipNorm')
  expect(trouble({ training: { clipNorm: 1, personal: ['head.*'] } }, ['clip', 'personal'])).toBeUndefined()
})

test('a pattern with a star matches the beginning of a name, and a pattern that matches nothing is named', () => {
  const names = ['body.0.weight', 'body.0.bias', 'head.weight', 'head.bias']
  expect(weightsMatching(['head.*', 'body.0.bias'], names)).toEqual(['body.0.bias', 'head.weight', 'head.bias'])
  expect(weightsMatching(['head'], names)).toEqual([])
  expect(unmatchedPattern(['head.*', 'tail.*'], names)).toBe('tail.*')
  expect(unmatchedPattern(['*'], names)).toBeUndefined()
})
