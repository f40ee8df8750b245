import { expect, test } from 'vitest'
import { type CampaignForm, declaredCampaign, FIRST_FORM } from './campaign-form.ts'

const FORM: CampaignForm = {
  ...FIRST_FORM,
  name: 'ward',
  model: 'digits',
  data: 'digits',
  shape: '28 x 28',
  classes: '10',
}

const specOf = (parts: Partial<CampaignForm>) => {
  const declared = declaredCampaign({ ...FORM, ...parts })
  if (!declared.ok) throw new Error(declared.path)
  return declared.spec
}

const wrongPath = (parts: Partial<CampaignForm>) => {
  const declared = declaredCampaign({ ...FORM, ...parts })
  return declared.ok ? undefined : declared.path
}

test('a filled form declares a campaign, and empty fields keep the defaults', () => {
  expect(specOf({})).toMatchObject({
    name: 'ward',
    data: { name: 'digits', type: 'float32', shape: [28, 28], classes: 10 },
    participants: { selector: 'true', minimum: 3, overSelect: 0.3 },
    rounds: 10,
    strategy: { kind: 'fedavg' },
    training: { epochs: 1, learningRate: 0.1 },
  })
  expect(specOf({})).not.toHaveProperty('privacy')
  expect(specOf({})).not.toHaveProperty('aggregate')
  expect(specOf({ isSummed: true }).aggregate).toBe('site')
  expect(specOf({ shape: '784', scale: '0.5', type: 'uint8' }).data).toMatchObject({ shape: [784], scale: 0.5 })
  expect(specOf({ deploy: 'digits', accuracyMin: '0.9' }).result).toMatchObject({ deploy: 'digits', accuracyMin: 0.9 })
})

test('a loss of numbers declares targets and a mean error, and no classes', () => {
  const spec = specOf({ loss: 'mse', targets: '2 3', accuracyMin: '0.9', errorMax: '0.5' })
  expect(spec).toMatchObject({ data: { targets: [2, 3] }, training: { loss: 'mse' }, result: { errorMax: 0.5 } })
  expect(spec.data).not.toHaveProperty('classes')
  expect(spec.result).not.toHaveProperty('accuracyMin')
  expect(specOf({ loss: 'binary', accuracyMin: '0.9', errorMax: '2' }).result).toMatchObject({ accuracyMin: 0.9 })
  expect(wrongPath({ loss: 'huber', targets: 'a' })).toBe('data.targets.0')
})

test('each strategy and each part of the privacy can be declared', () => {
  expect(specOf({ strategy: 'norm-bound', bound: '2' }).strategy).toEqual({ kind: 'norm-bound', bound: 2 })
  expect(specOf({ strategy: 'krum' }).strategy).toEqual({ kind: 'krum', attackers: 1 })
  expect(specOf({ isMasked: true }).privacy).toEqual({ masks: { clip: 8 } })
  expect(specOf({ isNoisy: true, multiplier: '2', epsilonMax: '8' }).privacy).toEqual({
    noise: { bound: 1, multiplier: 2, delta: 1e-5, epsilonMax: 8 },
  })
})

test('the first wrong field is named', () => {
  expect(wrongPath({ name: '' })).toBe('name')
  expect(wrongPath({ shape: 'a' })).toBe('data.shape.0')
  expect(wrongPath({ shape: '' })).toBe('data.shape')
  expect(wrongPath({ classes: '' })).toBe('data.classes')
  expect(wrongPath({ rounds: 'ten' })).toBe('rounds')
  expect(wrongPath({ minimum: '1' })).toBe('participants.minimum')
  expect(wrongPath({ isNoisy: true, multiplier: '' })).toBe('privacy.noise.multiplier')
})
