/** Devices that vanish hold neither a round nor the evaluation of the result until the deadline. */
import { expect, test } from 'vitest'
import { runVirtualCampaign } from '../../bench/federated/virtual-clients.ts'

test('a campaign ends long before its deadline, although devices vanish in each of its phases', async () => {
  const wish = { devices: 10, minimum: 4, overSelect: 1.5, rounds: 1, seed: 1, medianMs: 10 }
  const { phase, rounds, countedTwice } = await runVirtualCampaign(wish)
  expect(phase).toBe('done')
  expect(rounds.map(({ round, attempts }) => [round, attempts])).toEqual([
    [0, 1],
    [1, 1],
  ])
  expect(rounds[1]?.dropped).toBeGreaterThan(0)
  // The devices that evaluated the result, which one of them did not.
  expect(rounds[1]?.evaluatedRows).toBeGreaterThanOrEqual(4 * 60)
  expect(rounds[1]?.evaluatedRows).toBeLessThan(10 * 60)
  expect(countedTwice).toBe(0)
})
