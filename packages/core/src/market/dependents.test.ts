import type { InstallStep } from '@skerry/contract/market/installation'
import { expect, test } from 'vitest'
import { brokenText, brokenUses } from './dependents.ts'

const set = (name: string, ...tags: string[]): InstallStep => ({
  does: 'set-connection',
  connection: 'source',
  name,
  scope: 'organisation',
  spec: { name, groups: [{ name: 'all', tags: tags.map((tag) => ({ name: tag })) }] },
})
const remove = (name: string): InstallStep => ({
  does: 'remove-connection',
  connection: 'source',
  name,
  scope: 'organisation',
})
const PEAK = { name: 'peak', accepted: ['read-tag meter/power', 'write-tag plc/lamp', 'egress broker:1883'] }

test.each<[string, InstallStep[], string[]]>([
  ['a removed source', [remove('meter')], ['read-tag meter/power']],
  ['a source without the tag', [set('meter', 'energy'), set('plc')], ['read-tag meter/power', 'write-tag plc/lamp']],
  ['a source with the tag', [set('meter', 'power', 'energy')], []],
  ['another source', [remove('other'), set('else')], []],
])('%s ends exactly the uses of its tags', (_, steps, keys) => {
  expect(brokenUses(steps, [PEAK]).map(({ key }) => key)).toEqual(keys)
})

test('the sentence names the installation, its permission and the way out', () => {
  expect(brokenText([])).toBeUndefined()
  const text = brokenText(brokenUses([remove('meter'), remove('plc')], [PEAK]))
  expect(text).toBe(
    'peak would lose "read-tag meter/power" (and 1 more); choose another tag for it with "skerry market upgrade peak --set NAME=SOURCE/TAG", or uninstall it first',
  )
})
