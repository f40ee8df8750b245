import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'

test(
  'reads every line of text through a real hub and agent, exactly',
  deep('a large model on real pictures; the tour and README run models in the quick tier'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout.match(/ ✓$/gm)).toHaveLength(4)
    expect(stdout).toContain('"Pump 17 fault A4-992"')
  },
)
