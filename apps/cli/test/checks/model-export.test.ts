/**
 * Model export: a version in the layout of Triton, written by the command line from a real hub, and imported again.
 *
 * @module-tag deep a hub and three commands; unit tests of triton-config.ts compare the layout
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MODEL, pushBuild } from '../stage/anomaly.ts'
import { openTestFolder } from '../stage/cli.ts'
import { openFleet } from '../stage/fleet.ts'

test('an exported version has the same bytes, and can be imported again under its name', async () => {
  await using fleet = await openFleet()
  await using folder = await openTestFolder()
  await pushBuild(fleet, 'v1')
  const exported = await fleet.cli(['model', 'export', `${MODEL}:1`, '--to', 'triton', '-o', folder.path])
  expect(exported).toMatchObject({ code: 0, out: expect.stringContaining(`exported ${MODEL}:1`) })
  const original = await readFile(join(import.meta.dirname, '../../../../examples/sensor-anomaly/model-v1.onnx'))
  const written = await readFile(join(folder.path, MODEL, '1/model.onnx'))
  expect(written.equals(original)).toBe(true)
  const imported = await fleet.cli(['model', 'import', join(folder.path, MODEL), '--json'])
  expect(imported.code, imported.err).toBe(0)
  const versions = await fleet.cli(['model', 'show', MODEL, '--json'])
  expect(versions.out).toContain('"imported-from": "triton"')
})
