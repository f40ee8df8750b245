import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSerialNumber } from './serial-number.ts'

async function places(...texts: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-serial-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const paths = texts.map((_, index) => join(folder, String(index)))
  for (const [index, text] of texts.entries()) await writeFile(paths[index] ?? '', text)
  return paths
}

test('takes the first text that is a real serial number', async () => {
  expect(
    await readSerialNumber(await places('To be filled by O.E.M.\n', 'Default string\n', '100000003d1d1c36\0')),
  ).toBe('100000003d1d1c36')
})

test('returns nothing if the machine has no serial number, or no readable one', async () => {
  expect(await readSerialNumber(['/nowhere/at/all'])).toBeUndefined()
  expect(await readSerialNumber(await places('0000000', '  ', '\u0001\u0002', 'n/a'))).toBeUndefined()
})
