/** Batches: what people see of them. */
import { beforeAll, expect, test } from 'vitest'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let env: Record<string, string>

beforeAll(async () => {
  const signedIn = await openSignedIn()
  ;({ env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

test.each([
  ['batch-ls', ['batch', 'ls']],
  ['batch-show', ['batch', 'show', 'bat_abcdefgh234567']],
  ['batch-show-ended', ['batch', 'show', 'bat_bcdefghi234567']],
  ['batch-show-cancelled', ['batch', 'show', 'bat_cdefghij234567']],
  ['batch-report', ['batch', 'report', 'bat_bcdefghi234567']],
  ['batch-plan', ['batch', 'create', 'collect-logs', '--to', 'site.name == "rotterdam"', '--dry-run']],
])('what people see is as it was: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot(`golden/tables/${name}.txt`)
})

test.each([
  [['batch', 'ls', '--status', 'running'], 1],
  [['batch', 'ls', '--status', 'draft'], 0],
  [['batch', 'report', 'bat_bcdefghi234567', '--outcome', 'failed'], 1],
])('%s has as many rows as the hub answers', async (words, count) => {
  const { code, out } = await cli([...words, '--json'], { env })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toHaveLength(count)
})

test('a batch that there is not is said to be none', async () => {
  const { code, err } = await cli(['batch', 'show', 'bat_zzzzzzzz234567'], { env })
  expect(code).toBe(1)
  expect(err).toContain('batch_unknown')
})
