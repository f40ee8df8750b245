/** The example of places runs: data stays in its country, load overflows, a site fails, and everything comes back. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'

test(
  'a hospital overflows to the cloud in its country, fails, comes back, and no request crosses the border',
  deep('a journey over failures and windows of the load, which takes a minute'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout).toContain('virginia-1  residency_violated: the rule residency FR excludes it')
    expect(stdout).toContain('paris-1 would get a replica')
    expect(stdout).toContain('1 EUR an hour now, 4 EUR an hour then')
    expect(stdout).toContain('lyon-1 and paris-1 answer')
    expect(stdout).toContain('paris-1 answers alone')
    expect(stdout).toMatch(/lyon-1 {2}picked: it has been silent for .*, and no other device can replace it/)
    expect(stdout).toContain('lyon-1 answers again')
    // The last decision is the first one again.
    expect(stdout.match(/lyon-1 {2}picked/g)?.length).toBeGreaterThanOrEqual(2)
    expect(stdout).toContain('Answered: lyon-1, paris-1.')
  },
)
