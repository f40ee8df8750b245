/** Files: logs that go on being written while they are moved, cut and left, with a reader that is killed and comes back. */
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { FilesSource } from '@skerry/contract/sources/source'
import { deep } from '@skerry/testkit/tier'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStage, type Stage } from '../stage/stage.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-files-'))
  path = join(folder, 'log')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sourceOf = (connection: object, tags: object[]) =>
  FilesSource.parse({
    name: 'log',
    protocol: 'files',
    connection: { path, from: 'start', ...connection },
    groups: [{ name: 'all', everyMs: 20, tags }],
  })

const stageOf = (connection: object, tags: object[]) =>
  openStage(sourceOf(connection, tags), { stateFolder: join(folder, 'state') })

const valuesOf = (stage: Stage, tag: string) =>
  stage.told.filter((one) => one.tag === tag).map((one) => (one.quality === 'bad' ? one.cause.code : one.value))

test('columns of a CSV file with quotes, times and types; what is no number is bad', async () => {
  await writeFile(
    path,
    'when;level;note;on\n2026-11-27T10:00:00Z;3.5;"a ""b"";c";yes\n2026-11-27T10:00:01Z;broken;x;no\nonly "one;\n',
  )
  await using stage = stageOf({ format: 'csv', separator: ';', time: { field: 'when' } }, [
    { name: 'level', address: 'level', scale: 2 },
    { name: 'note', address: 'note', type: 'string' },
    { name: 'on', address: 'on', type: 'bool' },
  ])
  await stage.until(() => stage.count('level') === 2)
  expect(valuesOf(stage, 'level')).toEqual([7, 'value_type'])
  expect(valuesOf(stage, 'note')).toEqual(['a "b";c', 'x'])
  expect(valuesOf(stage, 'on')).toEqual([true, false])
  expect(stage.told[0]).toMatchObject({ sourceTimeMs: Date.UTC(2026, 10, 27, 10) })
})

test('a line that is not in its format is bad for each tag, and the next one is read', async () => {
  await writeFile(path, '{"a":1}\nnonsense\n{"a":2,"b.c":4}\n')
  await using stage = stageOf({ format: 'jsonl' }, [
    { name: 'a', address: 'a' },
    { name: 'b', address: 'b.c' },
  ])
  await stage.until(() => stage.count('a') === 3)
  expect(valuesOf(stage, 'a')).toEqual([1, 'line_unreadable', 2])
  expect(valuesOf(stage, 'b')).toEqual(['line_unreadable', 4])
})

test('thousands of lines at once are all told, in their order, and lost is nothing', async () => {
  const numbers = Array.from({ length: 5_000 }, (_, index) => index)
  await writeFile(path, numbers.map((n) => `${n}\n`).join(''))
  await using stage = stageOf({ format: 'csv', columns: ['n'] }, [{ name: 'n', address: 'n' }])
  await stage.until(() => stage.count('n') === numbers.length)
  expect(valuesOf(stage, 'n')).toEqual(numbers)
  expect(stage.host.figures().lost).toBe(0)
})

test('a reader that was stopped goes on where it was, though the file was moved meanwhile', async () => {
  const tags = [{ name: 'n', address: 'n' }]
  await writeFile(path, 'n\n1\n2\n')
  {
    await using stage = stageOf({ format: 'csv' }, tags)
    await stage.until(() => stage.count('n') === 2)
  }
  await appendFile(path, '3\n')
  await rename(path, `${path}.1`)
  await writeFile(path, 'n\n4\n')
  await using stage = stageOf({ format: 'csv' }, tags)
  await stage.until(() => stage.count('n') === 2)
  expect(valuesOf(stage, 'n')).toEqual([3, 4])
})

test('a file that is not there is told, and read once it is', async () => {
  await using stage = stageOf({ format: 'csv', columns: ['n'] }, [{ name: 'n', address: 'n' }])
  await stage.until(() => stage.newest('n') !== undefined)
  expect(stage.newest('n')).toMatchObject({ quality: 'bad', cause: { code: 'source_unreachable' } })
  await writeFile(path, '7\n')
  await stage.until(() => stage.newest('n')?.quality === 'good')
})

test('it says which columns there are, and each leads to a tag that reads it', async () => {
  await writeFile(
    path,
    'when;Level;note;on;never\n2026-11-27T10:00:00Z;3.5;"a;b";yes;\n2026-11-27T10:00:01Z;4;;no;\nhalf',
  )
  const format = { format: 'csv', separator: ';' }
  const found = await entriesOf(format)
  expect(found.map(({ label }) => label)).toEqual([
    'when = "2026-11-27T10:00:01Z"',
    'Level = 4',
    'note = "a;b"',
    'on = "no"',
    'never',
  ])
  const tags = found.map(({ tag }, index) => ({ name: `tag-${index}`, ...tag }))
  await using stage = stageOf(format, tags)
  await stage.until(() => stage.count('tag-3') === 2)
  expect([1, 2, 3, 4].map((index) => valuesOf(stage, `tag-${index}`))).toEqual([[3.5, 4], ['a;b'], [true, false], []])
})

test(
  'it says which places JSON lines have, of lines that differ, and each leads to a tag that reads it',
  deep('a second form of the columns that a CSV file has'),
  async () => {
    const filler = `{"old":${'1'.repeat(300)}}\n`.repeat(300)
    await writeFile(path, `${filler}{"a":{"b":1},"c.d":true,"list":["x"]}\nnonsense\n{"a":{"e":"on"},"n":null}\n`)
    const format = { format: 'jsonl' }
    const top = await entriesOf(format)
    expect(top.filter(({ path: at }) => at !== 'old')).toEqual([
      { path: 'a', label: 'a', isFolder: true },
      { path: 'n', label: 'n', isFolder: false, tag: { address: 'n' } },
      { path: 'c.d', label: 'c.d = true', isFolder: false, tag: { address: 'c.d', type: 'bool' } },
      { path: 'list', label: 'list', isFolder: true },
    ])
    const below = [...(await entriesOf(format, 'a')), ...(await entriesOf(format, 'list')), ...top]
    const tags = below.flatMap(({ tag }) => (tag && tag.address !== 'old' ? { name: `${tag.address}`, ...tag } : []))
    await using stage = stageOf(format, tags)
    // The last line's own value: a line that cannot be read told each tag as bad before.
    await stage.until(() => valuesOf(stage, 'a.e').includes(true))
    expect(valuesOf(stage, 'a.b').filter((value) => value !== 'line_unreadable')).toEqual([1])
    expect(valuesOf(stage, 'a.e').at(-1)).toBe(true)
    expect(valuesOf(stage, 'list.0')).toContain('x')
    expect(valuesOf(stage, 'c.d')).toContain(true)
  },
)

/** Of a source that is there already. */
async function entriesOf(connection: object, place = ''): Promise<BrowseEntry[]> {
  await using stage = stageOf({ ...connection, from: 'end', resume: false }, [{ name: 'any', address: 'any' }])
  await stage.until(() => stage.states.some(({ kind }) => kind === 'up'))
  const answer = await stage.host.browse(place)
  return answer.ok ? answer.entries : expect.unreachable(answer.message)
}
