import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { deployCommand } from './deploy-command.ts'
import { shortManifest } from './deployment-manifest.ts'
import { configFor, placedConfigs, withPlace } from './placed-config.ts'

const spec = DeploymentSpec.parse({
  name: 'dashboard',
  deployable: 'dashboard',
  config: { LIMIT: 1, MODE: 'quiet' },
  configAt: [
    { place: 'site:hamburg', config: { LIMIT: 2, COLOUR: 'blue' } },
    { place: 'device:press-1', config: { LIMIT: 3 } },
  ],
})

test('the device counts more than its site, and the site more than the deployment', () => {
  expect(configFor(spec, { site: 'bremen', device: 'press-9' })).toEqual({ LIMIT: 1, MODE: 'quiet' })
  expect(configFor(spec, { site: 'hamburg', device: 'press-9' })).toEqual({ LIMIT: 2, MODE: 'quiet', COLOUR: 'blue' })
  expect(configFor(spec, { site: 'hamburg', device: 'press-1' })).toEqual({ LIMIT: 3, MODE: 'quiet', COLOUR: 'blue' })
  expect(configFor(spec, { site: 'bremen', device: 'press-1' })).toEqual({ LIMIT: 3, MODE: 'quiet' })
  expect(configFor({}, { site: 'a', device: 'b' })).toBeUndefined()
})

test('each place is checked with the values of the deployment', () => {
  expect(placedConfigs(spec)).toEqual([
    { place: 'site:hamburg', config: { LIMIT: 2, MODE: 'quiet', COLOUR: 'blue' } },
    { place: 'device:press-1', config: { LIMIT: 3, MODE: 'quiet' } },
  ])
})

test('a place without values is left out', () => {
  expect(withPlace(spec.configAt, 'site:hamburg', {})).toEqual([{ place: 'device:press-1', config: { LIMIT: 3 } }])
  expect(withPlace([{ place: 'site:a', config: { A: 1 } }], 'site:a', {})).toBeUndefined()
})

test('the command line and the file have the values of places', () => {
  expect(deployCommand(spec)).toContain(`--set-at site:hamburg/LIMIT=2 --set-at site:hamburg/COLOUR=blue`)
  const { configAt: _, ...bare } = spec
  expect(deployCommand(bare, spec)).toContain('--unset-at site:hamburg/LIMIT')
  expect(shortManifest(spec).spec).toMatchObject({ configAt: spec.configAt })
})

test('a place is named once, and is no organisation', () => {
  const at = (place: string) => ({ place, config: { LIMIT: 1 } })
  const parse = (configAt: object[]) =>
    DeploymentSpec.safeParse({ name: 'dashboard', deployable: 'dashboard', configAt }).success
  expect(parse([at('site:a'), at('device:a')])).toBe(true)
  expect(parse([at('site:a'), at('site:a')])).toBe(false)
  expect(parse([at('organisation')])).toBe(false)
})
