import type { Site } from '@skerry/contract/sites/site'
import { expect, test } from 'vitest'
import { siteStatesOf } from './site-states.ts'

const siteOf = (name: string) => ({ name, kind: 'edge', clearance: 'internal', labels: {} }) as unknown as Site

test('devices are counted at their sites by how they fare; those of a site that is not seen are nowhere', () => {
  const devices = [
    { site: 'oslo', health: 'healthy' },
    { site: 'oslo', health: 'healthy' },
    { site: 'oslo', health: 'failed' },
    { site: 'elsewhere', health: 'failed' },
  ] as const
  expect(siteStatesOf([siteOf('oslo'), siteOf('bergen')], devices)).toMatchObject([
    { site: 'oslo', devices: { healthy: 2, failed: 1 } },
    { site: 'bergen', devices: {} },
  ])
})
