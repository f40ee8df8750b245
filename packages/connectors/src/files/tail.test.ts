import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTail, type Tail, type TailMark, type TailOptions } from './tail.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-tail-'))
  path = join(folder, 'log.csv')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const tailOf = (options: Partial<TailOptions> = {}) =>
  openTail({ path, from: 'start', hasHeading: false, mark: undefined, ...options })

/** Reads all lines that are there now. */
async function drain(tail: Tail): Promise<{ lines: string[]; mark: TailMark; headings: (string | undefined)[] }> {
  const lines: string[] = []
  const headings: (string | undefined)[] = []
  for (;;) {
    const next = await tail.next()
    lines.push(...next.lines)
    headings.push(...next.lines.map(() => next.heading))
    if (!next.hasMore) return { lines, mark: next.mark, headings }
  }
}

test('a line counts when it is finished, and not before', async () => {
  await writeFile(path, 'a\nb')
  await using tail = await tailOf()
  expect((await drain(tail)).lines).toEqual(['a'])
  await appendFile(path, 'c\r\n\n')
  expect((await drain(tail)).lines).toEqual(['bc', ''])
})

test('a tail that starts at the end returns new lines only', async () => {
  await writeFile(path, 'a\nb\nhalf')
  await using tail = await tailOf({ from: 'end' })
  await appendFile(path, '-done\nc\n')
  expect((await drain(tail)).lines).toEqual(['half-done', 'c'])
})

test('a file that is moved away is read to its end, and the new one from its beginning', async () => {
  await writeFile(path, 'head\na\n')
  await using tail = await tailOf({ hasHeading: true })
  expect(await drain(tail)).toMatchObject({ lines: ['a'], headings: ['head'] })
  await appendFile(path, 'b\nlast')
  await rename(path, join(folder, 'log.1'))
  await writeFile(path, 'other\nc\n')
  expect(await drain(tail)).toMatchObject({ lines: ['b', 'last', 'c'], headings: ['head', 'head', 'other'] })
})

test('a file that is truncated is read from its beginning', async () => {
  await writeFile(path, 'a\nb\nc\n')
  await using tail = await tailOf()
  await drain(tail)
  await truncate(path)
  expect((await drain(tail)).lines).toEqual([])
  await appendFile(path, 'd\n')
  expect((await drain(tail)).lines).toEqual(['d'])
})

test('a tail continues where it stopped, also in a file that was moved meanwhile', async () => {
  await writeFile(path, 'head\na\nhal')
  const first = await tailOf({ hasHeading: true })
  const { mark } = await drain(first)
  await first[Symbol.asyncDispose]()
  await appendFile(path, 'f\nb\n')
  await rename(path, join(folder, 'log.1'))
  await writeFile(path, 'head\nc\n')
  await using tail = await tailOf({ hasHeading: true, from: 'end', mark })
  expect((await drain(tail)).lines).toEqual(['half', 'b', 'c'])
})

test('a mark of a deleted file lets the new file start at its first line', async () => {
  await writeFile(path, 'c\n')
  await using tail = await tailOf({ from: 'end', mark: { inode: 1, offset: 50, head: 'eHg=' } })
  expect((await drain(tail)).lines).toEqual(['c'])
})

test('a file that is gone is an error', async () => {
  await writeFile(path, 'a\n')
  await using tail = await tailOf()
  await drain(tail)
  await rm(path)
  await expect(tail.next()).rejects.toThrow('ENOENT')
  await expect(tailOf({ path: join(folder, 'never') })).rejects.toThrow('ENOENT')
})

test('every line is returned once, in order, for any writes, moves and restarts', async () => {
  const step = fc.oneof(
    fc.string({ unit: fc.constantFrom('x', 'é', '\n'), maxLength: 6 }),
    fc.constantFrom('#move', '#leave'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await rm(folder, { recursive: true, force: true })
      folder = await mkdtemp(join(tmpdir(), 'skerry-tail-'))
      path = join(folder, 'log.csv')
      await writeFile(path, '')
      let tail = await tailOf()
      const told: string[] = []
      let written = ''
      for (const [index, what] of steps.entries()) {
        if (what === '#leave') {
          const { lines, mark } = await drain(tail)
          told.push(...lines)
          await tail[Symbol.asyncDispose]()
          tail = await tailOf({ mark })
        } else if (what === '#move') {
          // A program that rotates a log finishes its line, and waits until the line was read.
          await appendFile(path, `${index}\n`)
          written += `${index}\n`
          await rename(path, join(folder, `log.${index}`))
          await writeFile(path, '')
          told.push(...(await drain(tail)).lines)
        } else {
          await appendFile(path, what)
          written += what
        }
      }
      told.push(...(await drain(tail)).lines)
      await tail[Symbol.asyncDispose]()
      expect(told).toEqual(written.split('\n').slice(0, -1))
    }),
    { numRuns: 30 },
  )
})
