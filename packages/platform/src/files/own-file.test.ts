import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownFile } from './own-file.ts'

function twoNames() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-own-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const blob = join(folder, 'blob')
  const name = join(folder, 'name')
  const spare = join(folder, 'spare')
  writeFileSync(blob, 'weights')
  linkSync(blob, name)
  return { folder, blob, name, spare }
}

test('a file with two names gets bytes of its own, and the other name keeps its own', async () => {
  const { folder, blob, name, spare } = twoNames()
  expect(await ownFile(name, { spare, hasRoomFor: async () => true })).toBe(true)
  expect([statSync(name).nlink, statSync(blob).nlink]).toEqual([1, 1])
  writeFileSync(name, 'changed')
  expect(readFileSync(blob, 'utf8')).toBe('weights')
  expect(readdirSync(folder)).toEqual(['blob', 'name'])
})

test('a file with one name stays, however full the disk is', async () => {
  const { blob, name, spare } = twoNames()
  rmSync(name)
  expect(await ownFile(blob, { spare, hasRoomFor: async () => false })).toBe(true)
})

test('without room nothing changes, unless the file system shares the blocks', async () => {
  const { folder, blob, name, spare } = twoNames()
  const asked: number[] = []
  const hasRoomFor = async (sizeBytes: number) => asked.push(sizeBytes) < 0
  const isOwn = await ownFile(name, { spare, hasRoomFor })
  expect([isOwn, asked, statSync(blob).nlink]).toEqual(isOwn ? [true, [], 1] : [false, [7], 2])
  expect(readdirSync(folder)).toEqual(['blob', 'name'])
})
