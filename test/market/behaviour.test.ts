/**
 * Certification of a listing with a model at level 2: it runs in processes without a network, and a model that answers
 * otherwise than its golden outputs does not pass.
 * @module-tag deep loads the runtime in nine processes, and is a variant of the listing that the page for publishers makes
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificate, Certificate as CertificateSchema } from '@skerry/contract/market/certificate'
import { annotationsOf, checkOf } from '@skerry/core/market/certify-listing'
import { beforeEach, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/sensor-anomaly')

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-behaviour-'))
  await cp(join(import.meta.dirname, 'listings/pump-model'), at('pump-model'), { recursive: true })
  await cp(join(EXAMPLE, 'model-v1.onnx'), at('pump-model/model.onnx'))
  await cp(join(EXAMPLE, 'golden-v1.npz'), at('pump-model/golden.npz'))
  await edit('golden: golden.json', 'golden: golden.npz')
  await edit('evidence:', `sample: { seconds: 60, results: [{ item: flow, sink: scores }] }\nevidence:`)
  return () => rm(folder, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(folder, ...parts)

async function edit(from: string, to: string): Promise<void> {
  const text = await readFile(at('pump-model/listing.yaml'), 'utf8')
  expect(text).toContain(from)
  await writeFile(at('pump-model/listing.yaml'), text.replace(from, to))
}

const certify = () => cli(['market', 'certify', at('pump-model'), '--level', '2'])

function factsOf({ statements }: Pick<Certificate, 'statements'>, check: string) {
  const statement = statements.find((each) => checkOf(each) === check)
  return statement && annotationsOf(statement)
}

test('a model answers its golden cases, and each repetition of the run gives the same facts', async () => {
  expect(await certify()).toMatchObject({ code: 0, err: '' })
  const certificate = CertificateSchema.parse(JSON.parse(await readFile(at('pump-model/certificate.json'), 'utf8')))
  expect(certificate.level).toBe(2)
  expect(factsOf(certificate, 'golden')?.facts).toEqual({ models: 1, cases: 16 })
  expect(factsOf(certificate, 'results')?.facts).toMatchObject({ seconds: 60, samples: 240 })
  await cli(['market', 'key', at('key.pem')])
  const catalogue = ['--catalogue', at('plant')]
  const publish = ['market', 'publish', at('pump-model'), ...catalogue, '--key', at('key.pem'), '--level', '2']
  expect(await cli(publish)).toMatchObject({ code: 0 })
  expect(await cli(['market', 'verify', 'pump-model@1.0.0', ...catalogue])).toMatchObject({ code: 0 })
})

test('a model with other weights does not pass, and the wrong answer is named', async () => {
  await cp(join(EXAMPLE, 'model-v2.onnx'), at('pump-model/model.onnx'))
  const { code, err } = await certify()
  expect(code).toBe(1)
  expect(err).toMatch(/golden: model: golden case \d+ of 16: output \w+\[[\d, ]+\] is .+, expected /)
})
