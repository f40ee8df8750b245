/** The example of scaling runs: models sleep, wake, grow and sleep again, and say why. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'

test(
  'three models share the memory for two, and no request is lost',
  deep('the same as the test of scaling across processes, with a limit of memory'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout).toContain('Workers now: cutter 0, drill 0, press 0 (nobody needs them)')
    expect(stdout.match(/: answered, 0 without an answer/g)).toHaveLength(3)
    expect(stdout).toContain('press 2 (the press has two workers)')
    expect(stdout).toMatch(/0 -> \d {2}a request waits, and nothing was loaded/)
    expect(stdout).toMatch(/-> 0 {2}no request for 2 seconds/)
  },
)
