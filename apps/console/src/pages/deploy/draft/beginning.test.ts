import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { presetStrategy } from '@skerry/core/deployments/strategy-presets'
import { expect, test } from 'vitest'
import { beginningOf, begunFrom, NO_SETTINGS } from './beginning.ts'
import { readDraft } from './draft.ts'

const deployment = (name: string, changedAtMs: number, more: object = {}) => ({
  name,
  changedAtMs,
  spec: DeploymentSpec.parse({ name, deployable: 'ocr', ...more }),
})

const staged = presetStrategy('staged')
const own = deployment('ocr', 1, { version: '1', selector: 'device.online', strategy: presetStrategy('canary') })
const other = deployment('reading', 3, { selector: 'device.online', strategy: staged })
const older = deployment('archive', 2)
const foreign = { ...deployment('press', 9), spec: DeploymentSpec.parse({ name: 'press', deployable: 'press' }) }

test('a draft starts with all settings of the deployment of its name, and keeps its own version', () => {
  const draft = { model: 'ocr', version: '2' }
  const filled = { ...draft, ...beginningOf(draft, [foreign, other, own]) }
  expect(readDraft(filled).spec).toEqual({ ...own.spec, version: '2' })
  expect(begunFrom(filled, [foreign, other, own])?.name).toBe('ocr')
  expect(begunFrom({ ...filled, to: 'true' }, [own])).toBeUndefined()
})

test('a draft of another name starts with the strategy of the newest deployment of the model', () => {
  const draft = { model: 'ocr', version: '2' }
  const filled = { ...draft, ...beginningOf(draft, [foreign, older, other]) }
  expect(readDraft(filled).spec).toMatchObject({ name: 'ocr', selector: 'true', strategy: staged })
  expect(begunFrom({ ...filled, to: 'device.online' }, [older, other])?.name).toBe('reading')
  expect(begunFrom({ ...filled, ...NO_SETTINGS }, [other])).toBeUndefined()
})

test.each([
  ['without a deployment of the model', { model: 'ocr' }, [foreign]],
  ['without a model', {}, [own]],
  ['after the first step', { model: 'ocr', step: 'what' as const }, [own]],
  ['that has noted a revision', { model: 'ocr', base: '1' }, [own]],
  ['of a deployment that is changed', { model: 'ocr', from: 'ocr' }, [own]],
  ['with settings of its own', { model: 'ocr', to: 'device.online' }, [own]],
])('a draft stays as it is %s', (_what, draft, deployments) => {
  expect(beginningOf(draft, deployments)).toBeUndefined()
})
