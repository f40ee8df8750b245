import { GIT_FILES_BYTES_MAX, GIT_FILES_MAX } from '@skerry/contract/git-sources/git-source'
import { expect, test } from 'vitest'
import { judgeTree, parseTree, type TreeEntry } from './judge-tree.ts'

const ID = 'a'.repeat(40)

const entry = (path: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
  mode: '100644',
  type: 'blob',
  id: ID,
  sizeBytes: 10,
  path,
  ...more,
})

test('the output of git ls-tree is read with all kinds of paths', () => {
  const text = `100644 blob ${ID}      17\tsites/a b.yaml\u0000160000 commit ${ID}       -\tmodule\u0000120000 blob ${ID}  11\tlink\n.yaml\u0000`
  expect(parseTree(text)).toEqual([
    entry('sites/a b.yaml', { sizeBytes: 17 }),
    entry('module', { mode: '160000', type: 'commit', sizeBytes: 0 }),
    entry('link\n.yaml', { mode: '120000', sizeBytes: 11 }),
  ])
  expect(parseTree('')).toEqual([])
  expect(parseTree('100644 blob zz 1\ta\u0000')).toBeUndefined()
})

test('only YAML files outside of hidden folders are read', () => {
  const files = ['a.yaml', 'x/b.yml', 'README.md', '.github/workflows/ci.yml', 'x/.hidden.yaml'].map((path) =>
    entry(path),
  )
  const judged = judgeTree(files, '.')
  expect(judged.ok && judged.files.map(({ path }) => path)).toEqual(['a.yaml', 'x/b.yml'])
})

test.each([
  ['a symbolic link', entry('sites/a.yaml', { mode: '120000' }), /symbolic link/],
  ['a link that is no YAML', entry('sites/other', { mode: '120000' }), /symbolic link/],
  ['a submodule', entry('sites/module', { mode: '160000', type: 'commit' }), /submodule/],
  ['a path outside', entry('sites/../a.yaml'), /inside the repository/],
  ['a Git folder', entry('.GIT/config'), /inside the repository/],
  ['an empty part', entry('sites//a.yaml'), /inside the repository/],
])('%s is rejected', (_, hostile, reason) => {
  expect(judgeTree([entry('good.yaml'), hostile], '.')).toMatchObject({
    ok: false,
    code: 'git_unsafe',
    message: expect.stringMatching(reason),
  })
})

test('a path without documents, too many files and too many bytes name the limit', () => {
  expect(judgeTree([entry('README.md')], '.')).toMatchObject({ code: 'git_empty' })
  expect(judgeTree([], 'nowhere')).toMatchObject({ code: 'git_empty', message: expect.stringMatching(/^nowhere/) })
  const many = Array.from({ length: GIT_FILES_MAX + 1 }, (_, index) => entry(`${index}.yaml`))
  expect(judgeTree(many, '.')).toMatchObject({ code: 'git_too_large', message: expect.stringContaining('501') })
  expect(judgeTree(many.slice(1), '.')).toMatchObject({ ok: true })
  const large = [entry('small.yaml'), entry('large.yaml', { sizeBytes: GIT_FILES_BYTES_MAX })]
  expect(judgeTree(large, '.')).toMatchObject({
    code: 'git_too_large',
    message: expect.stringContaining('"large.yaml"'),
  })
})
