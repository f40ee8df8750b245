/** The example of drift runs, and its real readings make the story that it tells. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { countsOf } from '@skerry/core/monitors/bins'
import { stabilityIndex } from '@skerry/core/monitors/distance'
import { profileOf } from '@skerry/core/monitors/profile'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { windowsOf } from './motes.ts'

test('a thermometer that drifts by 5 degrees moves the readings of a yard, and those of another yard do not', async () => {
  const both = [await windowsOf('north', { count: 600 }), await windowsOf('south', { count: 600 })]
  const values = both.flatMap((each) => [...each.values])
  const profile = profileOf({ feature: 'window', side: 'input', tensor: 'window' }, values)
  const indexOf = async (drift: number) => {
    const { values: now } = await windowsOf('south', { count: 250, drift })
    return stabilityIndex(profile.counts, countsOf(profile.edges, now).counts) ?? 0
  }
  expect(await indexOf(0)).toBeLessThan(0.1)
  expect(await indexOf(5)).toBeGreaterThan(0.25)
})

test(
  'the example ends with a canary that rolled back by itself',
  deep('the same story as the test of monitors across processes, with real readings'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout).toMatch(/site=south +alert/)
    expect(stdout).toContain('The canary failed its drift gate; the rollout has rolled back by itself.')
  },
)
