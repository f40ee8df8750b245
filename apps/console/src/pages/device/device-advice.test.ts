import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deviceAdvice } from './device-advice.ts'

test('the advice is that of docs/reference/device-codes.md, for each of its codes', () => {
  const page = readFileSync(new URL('../../../../../docs/reference/device-codes.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| .+? \| (?:.+? \| )?(.+?) \|$/gm)]
  const said = rows.map(([, code = '', advice = '']) => [code, advice.replace(/\[([^\]]+)\]\([^)]*\)/g, 'docs/$1.md')])
  expect(deviceAdvice).toEqual(Object.fromEntries(said))
})
