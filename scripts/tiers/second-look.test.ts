import { expect, test } from 'vitest'
import { FLAKY_MAX, filesForSecondLook, verdictOf } from './second-look.ts'
import type { TestReport } from './test-report.ts'

const failureIn = (file: string, ...tags: string[]) => ({ file, name: `${file} fails`, tags, messages: [] })
const report = (...failures: TestReport['failures']): TestReport => ({ passed: 7, failures, skipped: [] })

test('files with failures run once more, each once', () => {
  expect(filesForSecondLook(report(failureIn('a'), failureIn('a'), failureIn('b')))).toEqual(['a', 'b'])
  expect(filesForSecondLook(report())).toEqual([])
})

test('a failure of a law or of a strict test ends the run at once', () => {
  expect(filesForSecondLook(report(failureIn('a'), failureIn('b', 'law')))).toEqual([])
  expect(filesForSecondLook(report(failureIn('a', 'strict')))).toEqual([])
})

test('more failures than chance explains get no second look', () => {
  const many = Array.from({ length: FLAKY_MAX + 1 }, (_, index) => failureIn(`file ${index}`))
  expect(filesForSecondLook(report(...many))).toEqual([])
  expect(filesForSecondLook(report(...many.slice(1)))).toHaveLength(FLAKY_MAX)
})

test('a test is flaky if its file passes alone, and failed otherwise', () => {
  const first = report(failureIn('a'), failureIn('b'), failureIn('c'))
  const second = new Map([
    ['a', report()],
    ['b', report(failureIn('b'))],
  ])
  const { flaky, failed } = verdictOf(first, second)
  expect(flaky.map(({ file }) => file)).toEqual(['a'])
  expect(failed.map(({ file }) => file)).toEqual(['b', 'c'])
})
