import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { layoutFiles } from '@skerry/testkit/images/image-archive'
import { tarOf } from '@skerry/testkit/images/tar'
import { beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { cli, openTestFolder, type TestFolder } from '../../../../../test/stage/cli.ts'

const EXAMPLE = join(import.meta.dirname, '../../../../../../../examples/sensor-anomaly')

let folder: TestFolder

beforeEach(async () => {
  folder = await openTestFolder()
  return () => folder[Symbol.asyncDispose]()
})

const at = (...parts: string[]) => join(folder.path, ...parts)
const init = (kind: string, ...more: string[]) =>
  cli(['market', 'init', kind, '--kind', kind, '--folder', at(kind), ...more])

/** The files that a publisher brings. */
const own: Readonly<Record<string, () => Promise<void>>> = {
  app: () => writeFile(at('app/web.tar'), tarOf(layoutFiles([{ name: 'web:1', layers: ['one'] }]))),
  async model() {
    await cp(join(EXAMPLE, 'model-v1.onnx'), at('model/model.onnx'))
    await cp(join(EXAMPLE, 'golden.json'), at('model/golden.json'))
    const path = at('model/listing.yaml')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('value: 0\n', 'value: 0.9\n'))
  },
}

test.each(['flow', 'source', 'sink', 'app', 'model'])('the example of a %s passes level 1', async (kind) => {
  expect(await init(kind)).toMatchObject({ code: 0 })
  await own[kind]?.()
  expect(await cli(['market', 'lint', at(kind)])).toMatchObject({ code: 0, err: '' })
})

test('a model without a result, and an app without its image, are no listings yet', async () => {
  await init('model')
  await own.model?.()
  const path = at('model/listing.yaml')
  await writeFile(path, (await readFile(path, 'utf8')).replace('value: 0.9\n', 'value: 0\n'))
  expect((await cli(['market', 'lint', at('model')])).err).toContain('evidence: the AUC 0 of model is not above 0')
  await init('app')
  expect(await cli(['market', 'lint', at('app')])).toMatchObject({ code: 1, err: expect.stringContaining('web.tar') })
})

test.each([
  ['github', '.github/workflows/listing.yml', 'certify'],
  ['gitlab', '.gitlab-ci.yml', 'certify'],
])('the pipeline of %s certifies and submits, and has no key in it', async (service, file, job) => {
  await init('flow', '--ci', service)
  const text = await readFile(at('flow', file), 'utf8')
  const { values, problems } = readYaml(text, {
    file,
    schema: z.record(z.string(), z.unknown()),
    choice: { field: '', of: [] },
  })
  expect(problems).toEqual([])
  expect(JSON.stringify(values[0]?.value)).toContain(job)
  expect(text).toContain('skerry market certify . --level 2')
  expect(text).toContain('skerry market submit . --catalogue')
  expect(text).not.toContain('BEGIN')
  // An existing pipeline is never replaced.
  expect(await init('flow', '--ci', service)).toMatchObject({
    code: 1,
    err: expect.stringContaining('file_unwritable'),
  })
})
