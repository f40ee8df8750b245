import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNotice } from './notice.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-notice-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string) {
  const path = join(folder, 'notice.txt')
  await writeFile(path, text)
  return readNotice(path)
}

test('the notice is read without the white space around it', async () => {
  expect(await readNotice(undefined)).toEqual({ ok: true, notice: undefined })
  expect(await read('\r\nFor staff only.\r\n\r\nAll use is recorded.\n')).toEqual({
    ok: true,
    notice: 'For staff only.\n\nAll use is recorded.',
  })
})

test.each([
  ['an empty notice', ' \n'],
  ['a text of 4,001 characters', 'x'.repeat(4_001)],
  ['a control sequence of terminals', 'For \u001b[31mstaff\u001b[0m only'],
  ['a character that reverses text', 'For staff \u202eylno'],
])('%s is rejected', async (_, text) => {
  expect(await read(text)).toMatchObject({
    ok: false,
    code: 'option_invalid',
    message: expect.stringContaining('--notice-file'),
  })
})

test('a missing file is named', async () => {
  expect(await readNotice('/nowhere/notice')).toMatchObject({
    ok: false,
    message: expect.stringContaining('/nowhere/notice'),
  })
})
