import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Certificate } from '@skerry/contract/market/certificate'
import { annotationsOf, checkOf } from '@skerry/core/market/certify-listing'
import { beforeEach, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'

let folder: TestFolder

beforeEach(async () => {
  folder = await openTestFolder()
  await cli(['market', 'init', 'level-watch', '--folder', at('level-watch')])
  return () => folder[Symbol.asyncDispose]()
})

const at = (...parts: string[]) => join(folder.path, ...parts)

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(at('level-watch', file), 'utf8')
  expect(text).toContain(from)
  await writeFile(at('level-watch', file), text.replace(from, to))
}

test('a listing that behaves as it declares is published with level 2, and everybody repeats the run', async () => {
  await cli(['market', 'key', at('key.pem')])
  const words = ['market', 'publish', at('level-watch'), '--catalogue', at('plant'), '--key', at('key.pem')]
  expect(await cli([...words, '--level', '2'])).toMatchObject({ code: 0 })
  const index = JSON.parse(await readFile(at('plant/index.json'), 'utf8'))
  const { listings } = JSON.parse(Buffer.from(index.payload, 'base64').toString('utf8'))
  expect(CatalogueEntry.parse(listings[0]).certificate?.level).toBe(2)
  const verify = ['market', 'verify', 'level-watch@1.0.0', '--catalogue', at('plant'), '--publisher', at('key.pem.pub')]
  const { code, out } = await cli([...verify, '--json'])
  expect(code).toBe(0)
  const repeated: Pick<Certificate, 'statements'> = JSON.parse(out)
  const facts = new Map(repeated.statements.map((each) => [checkOf(each), annotationsOf(each)]))
  expect(facts.get('results')?.facts).toMatchObject({ seconds: 60, samples: 60 })
  expect(facts.get('memory')?.measured?.mebibytes).toBeGreaterThan(0)
  expect(facts.get('restart')?.facts).toEqual({ kills: 1 })
})

test('the next version runs with the settings of before, and the flow of before runs beside the new source', async () => {
  await cli(['market', 'key', at('key.pem')])
  const catalogue = ['--catalogue', at('plant')]
  await cli(['market', 'publish', at('level-watch'), ...catalogue, '--key', at('key.pem')])
  await edit('listing.yaml', 'version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0')
  const alone = await cli(['market', 'certify', at('level-watch'), '--level', '2', '--json'])
  expect(alone.out).toContain('not run: it follows 1.0.0; name the folder that has them with --catalogue')
  const { code, out } = await cli(['market', 'certify', at('level-watch'), '--level', '2', ...catalogue, '--json'])
  expect(code).toBe(0)
  const { statements }: Pick<Certificate, 'statements'> = JSON.parse(out)
  const tried = statements.find((each) => checkOf(each) === 'neighbours')
  expect([tried?.predicate.result, tried && annotationsOf(tried)?.facts]).toEqual(['PASSED', { neighbours: '1.0.0' }])
})

test('a listing that lies about results, tags and memory fails with the measured facts', async () => {
  await edit('listing.yaml', 'atLeast: 20', 'atLeast: 500')
  await edit('listing.yaml', 'memoryBytes: 67108864', 'memoryBytes: 1024')
  await edit('watch.yaml', 'above: "{{ limit }}"', 'above: 95')
  const { code, err } = await cli(['market', 'certify', at('level-watch'), '--level', '2'])
  expect(code).toBe(1)
  expect(err).toContain('results: watch/levels had 30 results in 60 s, and 500 are declared')
  expect(err).toContain('results: watch/alarm never had the declared value 1: it had 0')
  expect(err).toMatch(/memory: the run took \d+ MiB, and 0 MiB are declared/)
})

test('the kernel counts each attempt of a process without a network to reach one', async () => {
  const facts = new URL('./process-facts.ts', import.meta.url)
  const script = `
    import { connect } from 'node:net'
    import { networkAttempts } from '${facts}'
    const before = networkAttempts()
    for (const host of ['192.0.2.1', '127.0.0.1']) {
      await new Promise((resolve) => connect({ host, port: 9 }).once('error', resolve))
    }
    console.log(JSON.stringify([before, networkAttempts()]))`
  const alone = ['--user', '--map-root-user', '--net', '--', process.execPath, '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)('unshare', alone)
  expect(JSON.parse(stdout)).toEqual([0, 2])
})
