/** No test file may be in no tier, and no capability may be without a test in the quick one. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import config from '../../vitest.config.ts'
import { ROOT } from '../step.ts'
import { nounTests, pageTests } from './capabilities.ts'

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.test\.tsx?$/.test(path) && existsSync(join(ROOT, path)))

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')

type Project = { test: { name: string; include: string[] } }
const { projects = [] } = config.test ?? {}

test('each test file belongs to a project of vitest, so one of the tiers runs it', () => {
  const patterns = (projects as Project[]).flatMap(({ test: { include } }) => include)
  expect(tracked.filter((path) => !patterns.some((pattern) => matchesGlob(path, pattern)))).toEqual([])
})

/** The file has a test that no mark takes out of the quick tier. */
function hasQuickTest(path: string): boolean {
  const text = textOf(path)
  if (/@module-tag deep\b/.test(text)) return false
  const tests = [...text.matchAll(/^ *test(?:\.\w+)*\(/gm)].length
  return tests > [...text.matchAll(/\bdeep\(/g)].length
}

test.each(Object.entries({ ...nounTests, ...pageTests }))('%s has a quick test across processes', (_, path) => {
  expect(tracked).toContain(path)
  expect(hasQuickTest(path)).toBe(true)
})

test('a test takes its mark from the testkit, so that the deep tier finds its file', () => {
  expect(
    tracked.filter((path) => /^(?!scripts).*$/.test(path) && /\btags: \['(?:deep|law|strict)'/.test(textOf(path))),
  ).toEqual([])
})

test('the tags of the tests are those of the tiers', () => {
  const tagged = tracked.flatMap((path) => [...textOf(path).matchAll(/@module-tag (\S+)/g)].map(([, tag]) => tag))
  const strays = tagged.filter((tag) => !['deep', 'law', 'strict'].includes(tag ?? ''))
  expect(strays.filter((tag) => !/[^a-z]/.test(tag ?? ''))).toEqual([])
})
