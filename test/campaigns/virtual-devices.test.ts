/**
 * A campaign of a thousand virtual devices on a real hub, with two engines.
 *
 * @module-tag deep A thousand devices on a real hub; simulation.test.ts plays them on the reducer in the quick tier.
 */
import { expect, test } from 'vitest'
import { runVirtualCampaign } from '../../bench/federated/virtual-clients.ts'

test('no round of a thousand devices hangs, although three of ten vanish and others report twice', async () => {
  const wish = { devices: 1_000, minimum: 600, overSelect: 0.66, rounds: 2, seed: 1 }
  const { phase, rounds, countedTwice, ignored } = await runVirtualCampaign(wish)
  expect(phase).toBe('done')
  expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2])
  for (const { attempts, counted, selected, dropped } of rounds.slice(1)) {
    expect(attempts).toBe(1)
    expect(selected).toBe(997)
    expect(counted).toBeGreaterThanOrEqual(600)
    // Three of ten, and those that were too late.
    expect(dropped).toBeGreaterThan(200)
    expect(counted + dropped).toBe(selected)
  }
  expect(countedTwice).toBe(0)
  expect(ignored).toBeGreaterThan(0)
})
