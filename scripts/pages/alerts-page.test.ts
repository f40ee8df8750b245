/** The documents say of alerts what the code says. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { conditionAdvice } from '@skerry/core/devices/condition-advice'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'
import { alertsPage } from './alerts-page.ts'

const page = (name: string) => readFile(join(ROOT, 'docs', name), 'utf8')

test('docs/reference/alerts.md says what the code says; "npm run generate" writes it', async () => {
  expect(await page('alerts.md')).toBe(alertsPage())
})

test('what is advised for the troubles of devices is what docs/reference/device-codes.md says, word by word', async () => {
  const section =
    (await page('device-codes.md')).split(/^## /m).find((part) => part.startsWith('The device itself\n')) ?? ''
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \| (.+) \|$/gm)]
  const said = Object.fromEntries(rows.map(([, code, means, action]) => [code, { means, action }]))
  expect(conditionAdvice).toEqual(said)
})
