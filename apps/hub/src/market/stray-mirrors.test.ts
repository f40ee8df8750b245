import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@skerry/platform/process/clock'
import { expect, onTestFinished, test } from 'vitest'
import type { Hub } from '../hub.ts'
import type { CatalogueRow } from './catalogue-store.ts'
import { removeStrayMirrors } from './stray-mirrors.ts'

test('an old mirror without a subscription is removed; others, and folders of a person, stay', async () => {
  const catalogues = await mkdtemp(join(tmpdir(), 'skerry-strays-'))
  onTestFinished(() => rm(catalogues, { recursive: true, force: true }))
  for (const place of ['plant', '.mirrors/org_a/plant', '.mirrors/org_b/plant']) {
    await mkdir(join(catalogues, place, 'blobs'), { recursive: true })
  }
  const row = { organisation_id: 'org_a', name: 'plant', url: 'https://vendor.example/plant' } as CatalogueRow
  const left = async (laterMs: number) => {
    const clock = { ...systemClock, nowMs: () => Date.now() + laterMs }
    await removeStrayMirrors({ config: { catalogues } as Hub['config'], clock }, [row])
    const found = await readdir(catalogues, { recursive: true })
    return found.filter((name) => name.endsWith('plant')).toSorted()
  }
  expect(await left(0)).toEqual(['.mirrors/org_a/plant', '.mirrors/org_b/plant', 'plant'])
  expect(await left(7_200_000)).toEqual(['.mirrors/org_a/plant', 'plant'])
})
