/** A kind of version selects code in the folders named kinds/ only: a new kind adds a folder and a row to each table. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VersionKind } from '@skerry/contract/kinds/kinds'
import { expect, test } from 'vitest'

/** The folders whose branches are tables already. */
const FOLDERS = ['apps/agent/src', 'apps/cli/src', 'apps/console/src']

const sources = FOLDERS.flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' }).map((file) => join(top, file)),
).filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.split('/').includes('kinds'))

const kinds = VersionKind.options.join('|')
/** A step of a flow has a kind of its own, and one of them is `model`. */
const STEP = /\b(step|asked)\??\.kind\b/
const BRANCHES = [new RegExp(`kind\\)? [!=]== '(${kinds})'`), /\bkindOf\([^)]*files\)/, /'(flow|opsets)' in /]

/** The lines of a text that branch on the kind of a version. */
const branchesIn = (text: string): string[] =>
  text.split('\n').filter((line) => !STEP.test(line) && BRANCHES.some((branch) => branch.test(line)))

test('the search finds a branch', () => {
  expect(branchesIn("if (version.kind === 'flow') return")).toHaveLength(1)
  expect(branchesIn("if (kindOf(item.files) !== 'model') return")).toHaveLength(1)
  expect(branchesIn("if ('flow' in source) return")).toHaveLength(1)
  expect(branchesIn("if (step.kind === 'model') return")).toEqual([])
})

test('no file outside kinds/ branches on the kind of a version', () => {
  const found = sources.flatMap((path) =>
    branchesIn(readFileSync(path, 'utf8')).map((line) => `${path}: ${line.trim()}`),
  )
  expect(sources.length).toBeGreaterThan(100)
  expect(found).toEqual([])
})
