import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RouteSpec } from '@skerry/contract/routes/route'
import { specTrouble } from '@skerry/core/routes/route-text'
import { expect, test } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/models/routes.md'), 'utf8')

test('the rules in the documentation are those of a route, and every rule is described', () => {
  const example = /```json\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
  const spec = RouteSpec.strict().parse(JSON.parse(example))
  expect(specTrouble(spec)).toBeUndefined()
  for (const rule of Object.keys(RouteSpec.shape)) expect(page, rule).toContain(rule)
})
