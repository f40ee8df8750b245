import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'
import { deepParts, FLEET, named, POSTGRES, touched } from './deep-parts.ts'
import { specifiersIn } from './import-graph.ts'

const texts: Record<string, string> = {
  'test/web-a.test.ts': "import { deep } from '@skerry/testkit/tier'",
  'packages/core/src/laws.test.ts': "import { histories } from '@skerry/testkit/simulation/histories'",
  'packages/core/src/plain.test.ts': "import { x } from './x.ts'",
  'packages/inference/src/slow.test.ts': '/** @module-tag deep it takes long */',
  'apps/agent/test/kill.test.ts': "import { strict } from '@skerry/testkit/tier'",
}
const parts = deepParts(Object.keys(texts), (path) => texts[path] ?? '')

test('a file with a mark is a part of its project, cheap ones first', () => {
  expect(parts).toEqual([
    { name: 'packages/core/src/laws.test.ts', project: 'unit' },
    { name: 'packages/inference/src/slow.test.ts', project: 'native' },
    { name: 'apps/agent/test/kill.test.ts', project: 'whole' },
    { name: 'test/web-a.test.ts', project: 'web' },
    POSTGRES,
    FLEET,
  ])
})

test('words pick parts by their name', () => {
  expect(named(parts, ['web', 'postgres']).map(({ name }) => name)).toEqual(['test/web-a.test.ts', 'postgres'])
  expect(named(parts, [])).toEqual(parts)
})

test('a change touches the tests that import it, and those that start a program with it', () => {
  const law = { name: 'packages/core/src/rollouts/rollout-laws.test.ts', project: 'unit' } as const
  const unit = { name: 'packages/core/src/selectors/selector.test.ts', project: 'unit' } as const
  const agent = { name: 'apps/agent/test/activation.test.ts', project: 'whole' } as const
  const web = { name: 'test/web/fleet/journey.test.ts', project: 'web' } as const
  const all = [law, unit, agent, web, POSTGRES, FLEET]
  expect(touched(ROOT, all, ['packages/core/src/rollouts/rollout.ts'])).toEqual([law, agent, web, POSTGRES, FLEET])
  expect(touched(ROOT, all, ['apps/console/src/main.tsx'])).toEqual([web])
  expect(touched(ROOT, all, ['README.md'])).toEqual([])
})

test('finds every form of import, and nothing else', () => {
  const forms = [
    "import 'a'",
    "import { x } from 'b'",
    "import type {\n  X,\n} from 'c'",
    "export * from 'd'",
    "await import('e')",
  ]
  expect(specifiersIn([...forms, 'const text = \'read from "f"\'', "say(`import 'g'`)"].join('\n'))).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ])
})
