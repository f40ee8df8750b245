import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, test } from 'vitest'
import { VIEWER_KEY } from '../../../test/fake-hub/fake-data.ts'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let folder: TestFolder
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const example = (name: string) => fileURLToPath(new URL(`../../../../../examples/apply/${name}`, import.meta.url))

/** Applies text as if it came through a pipe. */
const apply = (text: string, ...words: string[]) => cli(['apply', '-f', '-', ...words], { env, stdin: text })

const deployment = (model: string) =>
  `apiVersion: skerry/v1\nkind: Deployment\nmetadata: { name: ${model} }\nspec: { model: ${model} }\n`

test('the examples can be applied, sites before deployments, and again without effect', async () => {
  const words = ['apply', '-f', example('canary.yaml'), '-f', example('sites.yaml')]
  const first = await cli(words, { env })
  expect(first.code).toBe(0)
  expect(first.out).toBe('Site rotterdam unchanged\nSite frankfurt created\nDeployment anomaly created\n')
  expect(hub.state.calls).toEqual(['site.apply frankfurt', 'deployment.apply anomaly'])
  await expect(first.err).toMatchFileSnapshot('golden/apply/examples.txt')

  const again = await cli(words, { env })
  expect(again.out).toBe('Site rotterdam unchanged\nSite frankfurt unchanged\nDeployment anomaly unchanged\n')
  expect(hub.state.calls).toHaveLength(2)
})

test('the example with both kinds in one file can be applied', async () => {
  const { code, out } = await cli(['apply', '-f', example('fleet.yaml')], { env })
  expect({ code, out }).toEqual({ code: 0, out: 'Site antwerp created\nDeployment anomaly created\n' })
})

test('a change is shown as a diff, and goes in against the revision that was compared', async () => {
  const text = (await readFile(example('sites.yaml'), 'utf8')).replace(/line: .4./, "line: '5'").split('---')[0] ?? ''
  const { code, out, err } = await apply(text)
  expect({ code, out }).toEqual({ code: 0, out: 'Site rotterdam changed\n' })
  expect(err).toContain('-    line: "4"\n+    line: "5"\n')
  expect(hub.state.sites.get('rotterdam')).toMatchObject({ revision: 2, labels: { line: '5' } })
})

test('a dry run shows the same and changes nothing, with a key that may only read', async () => {
  const words = ['apply', '-f', example('sites.yaml'), '--dry-run']
  const { code, out, err } = await cli(words, { env: { ...env, SKERRY_KEY: VIEWER_KEY } })
  expect(code).toBe(0)
  expect(out).toBe('Site rotterdam unchanged\nSite frankfurt would be created\n')
  expect(err).toContain('+  clearance: confidential')
  expect(hub.state.calls).toEqual([])
})

test('what the hub would refuse is told with its line, before anything is changed', async () => {
  const text = `${await readFile(example('sites.yaml'), 'utf8')}---\n${deployment('unknown')}`
  const { code, out, err } = await apply(text)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('stdin:22: Deployment unknown: model_unknown: no such model')
  expect(hub.state.calls).toEqual([])
})

test('a problem in one file keeps all files from being applied', async () => {
  const path = join(folder.path, 'bad.yaml')
  await writeFile(path, 'apiVersion: skerry/v1\nkind: Site\nmetadata: { name: x }\nspec: { kind: edge, colour: red }\n')
  const { code, err } = await cli(['apply', '-f', example('sites.yaml'), '-f', path], { env })
  expect(code).toBe(1)
  expect(err).toContain(`${path}:4: spec.colour is not a field here`)
  expect(err).toContain('nothing was changed')
  expect(hub.state.calls).toEqual([])
})

test('as JSON it is one document with every change', async () => {
  const { out, err } = await apply(deployment('anomaly'), '--json')
  expect(err).toBe('')
  expect(JSON.parse(out)).toMatchObject({
    dryRun: false,
    changes: [{ kind: 'Deployment', name: 'anomaly', change: 'create', result: { change: 'created' } }],
  })
})

test('a file that is not there is named', async () => {
  const { code, err } = await cli(['apply', '-f', 'nowhere.yaml'], { env })
  expect(code).toBe(1)
  expect(err).toContain('cannot read nowhere.yaml: there is no such file')
})

test('a deployment keeps what is not said anew', async () => {
  await cli(['apply', '-f', example('canary.yaml')], { env })
  const before = hub.state.deployments.get('anomaly')?.spec
  const { code } = await cli(['deploy', 'anomaly:3', '--soak', '1m'], { env })
  expect(code).toBe(0)
  const after = hub.state.deployments.get('anomaly')?.spec
  expect(after).toEqual({
    ...before,
    version: '3',
    strategy: { ...before?.strategy, waves: before?.strategy.waves.map((wave) => ({ ...wave, soakSeconds: 60 })) },
  })
})

test('waves are taken from the words, the canary first', async () => {
  const words = [
    '--wave',
    '10% of site.country == "NL"',
    '--canary',
    '1',
    '--failures-max',
    '2',
    '--on-failure',
    'abort',
  ]
  await cli(['deploy', 'anomaly', '--name', 'other', '--to', 'true', ...words], { env })
  const spec = hub.state.deployments.get('other')?.spec
  expect(spec).toMatchObject({
    model: 'anomaly',
    version: 'latest',
    selector: 'true',
    strategy: { onFailure: 'abort' },
  })
  expect(spec?.strategy.waves).toEqual([
    { name: 'canary', limit: 1, soakSeconds: 0, failuresMax: 2, minExecuted: 1, deadlineSeconds: 86_400 },
    {
      limit: '10%',
      selector: 'site.country == "NL"',
      soakSeconds: 0,
      failuresMax: 2,
      minExecuted: 1,
      deadlineSeconds: 86_400,
    },
  ])
})

test('a deployment is not turned to another model by mistake', async () => {
  await cli(['deploy', 'anomaly', '--name', 'scores'], { env })
  const { code, err } = await cli(['deploy', 'reader', '--name', 'scores'], { env })
  expect(code).toBe(2)
  expect(err).toContain('the deployment scores deploys the model anomaly')
})

test('deploy --watch follows the rollout to its end', async () => {
  const { code, out } = await cli(['deploy', 'anomaly', '--watch', '--json'], { env })
  expect(code).toBe(0)
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).status),
  ).toEqual(['rolling', 'rolling', 'done'])
})
