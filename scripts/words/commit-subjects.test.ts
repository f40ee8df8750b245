/** Commit subjects fit the lists in which people read them, and name the part of the product that they change. */
import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'

/** Subjects are checked from this commit on. */
const SINCE = '8962dbc'

/** Git itself wraps and cuts longer ones. */
const SUBJECT_LENGTH_MAX = 72

const hasBase = spawnSync('git', ['cat-file', '-e', `${SINCE}^{commit}`], { cwd: ROOT }).status === 0

// A source archive or a shallow clone has no history to check.
test.runIf(hasBase)('a commit subject has a scope and at most 72 characters', () => {
  const subjects = execFileSync('git', ['log', '--format=%s', `${SINCE}..HEAD`], { cwd: ROOT, encoding: 'utf8' })
  const wrong = subjects
    .split('\n')
    .filter(Boolean)
    .filter((subject) => subject.length > SUBJECT_LENGTH_MAX || !/^(?:Merge |[a-z][a-z, ]*: \S)/.test(subject))
  expect(wrong).toEqual([])
})
