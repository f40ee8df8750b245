import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { STAMP_NAME, takePlace } from '../apps/console/scripts/take-place.ts'

async function newStage() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-take-place-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const place = join(folder, 'web')
  return {
    folder,
    place,
    async make(name: string, sources: string) {
      const fresh = join(folder, name)
      await mkdir(fresh)
      await writeFile(join(fresh, STAMP_NAME), sources)
      await writeFile(join(fresh, 'index.html'), name)
      return fresh
    },
    shown: () => readFile(join(place, 'index.html'), 'utf8'),
  }
}

test('of many simultaneous builds one takes the place, whole, and none fails', async () => {
  const { folder, place, make, shown } = await newStage()
  for (let round = 0; round < 20; round += 1) {
    // Files of the same content and of another; over none, and over those of the round before.
    const names = Array.from({ length: 6 }, (_, at) => `web-${round}-${at}`)
    const made = await Promise.all(names.map((name, at) => make(name, at % 3 === 0 ? 'other' : 'same')))
    await Promise.all(made.map((fresh) => takePlace(fresh, place, false)))
    expect(names).toContain(await shown())
    for (const fresh of made) await rm(fresh, { recursive: true, force: true })
    expect(await readdir(folder)).toEqual(['web'])
  }
})

test('a build of the same sources stays if that is wanted, and is replaced otherwise', async () => {
  const { place, make, shown } = await newStage()
  await takePlace(await make('first', 'same'), place, true)
  await takePlace(await make('second', 'same'), place, true)
  expect(await shown()).toBe('first')
  await takePlace(await make('third', 'same'), place, false)
  expect(await shown()).toBe('third')
})
