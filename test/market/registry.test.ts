/**
 * A catalogue in a registry of others: oras pushes the layout that the command line writes into docker-registry, and a
 * hub mirrors it from there. An independent program verifies the signature of the index.
 * @module-tag deep needs tools of others, and is the way of mirror.test.ts through a registry
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Catalogue } from '@skerry/contract/market/catalogue'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { type Program, startProgram } from '@skerry/testkit/program'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'

const run = promisify(execFile)
const hasTools = isInstalled('docker-registry', '--version') && isInstalled('oras', 'version')
const hasJudge = isInstalled('/usr/bin/python3', '-c', 'import securesystemslib.dsse')

/** [securesystemslib, dsse] Verifies the envelope of the file by the key of the other file. */
const JUDGE = `import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
envelope = json.load(open(sys.argv[1]))
keyid = envelope['signatures'][0]['keyid']
key = SSlibKey.from_crypto(load_pem_public_key(open(sys.argv[2], 'rb').read()), keyid=keyid)
Envelope.from_dict(envelope).verify([key], 1)`

describe.skipIf(!hasTools)('a catalogue in a registry', () => {
  let folder: string
  let plant: HubProgram
  let registry: Program
  let host: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-oci-'))
    const port = await freePort()
    host = `127.0.0.1:${port}`
    await writeRegistry(port)
    registry = await startProgram('docker-registry', ['serve', at('registry.yml')], { ready: /listening on/ })
    const trusted = ['--webhook-allow', '127.0.0.1', '--webhook-ca', at('ca.pem')]
    plant = await startHub({ ...(await newHubHome(at('plant'))), args: trusted })
    await skerry('market', 'init', 'level-watch', '--folder', at('level-watch'))
    await skerry('market', 'key', at('publisher.pem'))
    await skerry('signing-key', 'add', 'us', at('publisher.pem.pub'))
    await publish()
    await push('first')
  })
  afterAll(async () => {
    await plant?.stop()
    await registry?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const at = (...parts: string[]) => join(folder, ...parts)

  async function writeRegistry(port: number): Promise<void> {
    const nowMs = Date.now()
    const authority = await createAuthority({ commonName: 'Plant', nowMs })
    const own = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
    await mkdir(at('registry'))
    await writeFile(at('ca.pem'), authority.certificatePem)
    await writeFile(at('own.pem'), own.certificatePem)
    await writeFile(at('own-key.pem'), own.privateKeyPem)
    const tls = { certificate: at('own.pem'), key: at('own-key.pem') }
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: at('registry') } },
      http: { addr: `127.0.0.1:${port}`, tls },
    }
    // JSON is YAML.
    await writeFile(at('registry.yml'), JSON.stringify(config))
  }

  async function skerry(...words: string[]): Promise<string> {
    const env = { SKERRY_HUB: plant.url, SKERRY_KEY: plant.connection.key ?? '', SKERRY_CA_FILE: plant.authorityPath }
    const { code, out, err } = await cli(words, { env: { ...env, SKERRY_HOME: folder }, nowMs: Date.now })
    if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
    return out
  }

  const publish = () =>
    skerry('market', 'publish', at('level-watch'), '--catalogue', at('cat/plant'), '--key', at('publisher.pem'))

  const copy = (layout: string) =>
    run('oras', [
      'cp',
      '--from-oci-layout',
      `${at(layout)}:latest`,
      '--to-ca-file',
      at('ca.pem'),
      `${host}/vendor/plant:latest`,
    ])

  async function push(layout: string): Promise<void> {
    await skerry('market', 'export', '--catalogue', at('cat/plant'), '--out', at(layout))
    await copy(layout)
  }

  async function refresh(): Promise<{ catalogue: Catalogue; files: number }> {
    const catalogue: Catalogue = JSON.parse(await skerry('market', 'catalogue', 'refresh', 'plant', '--json'))
    const { rows } = await plant.client.audit.list({ action: 'catalogue.refresh', limit: 100 })
    return { catalogue, files: Number((rows.at(-1)?.detail as { files?: number } | undefined)?.files ?? 0) }
  }

  test('a hub mirrors the catalogue from the registry, and shows its listings', async () => {
    const url = `oci://${host}/vendor/plant:latest`
    await skerry('market', 'catalogue', 'add', 'plant', '--key', 'us', '--url', url)
    expect(await skerry('market', 'show', 'level-watch')).toContain('plant/level-watch@1.0.0')
    expect(await skerry('market', 'catalogue', 'ls')).toContain(url)
  })

  test('only the files of the next version move, and an unchanged tag moves none', async () => {
    const path = at('level-watch/listing.yaml')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0'))
    await publish()
    await push('second')
    const { catalogue, files } = await refresh()
    expect([catalogue.version, catalogue.problem, files]).toEqual([2, undefined, 2])
    expect((await refresh()).files).toBe(0)
  })

  test('a registry that goes back to an old tag, or has another artefact, is named', async () => {
    await copy('first')
    expect((await refresh()).catalogue).toMatchObject({ version: 2, problem: { code: 'catalogue_rolled_back' } })
    await copy('second')
    expect((await refresh()).catalogue.problem).toBeUndefined()
    const wrong = `oci://${host}/vendor/none:latest`
    const add = (url: string) => skerry('market', 'catalogue', 'add', 'other', '--key', 'us', '--url', url)
    await expect(add(wrong)).rejects.toThrow('the server answered 404')
    await expect(add(`oci://${host}/vendor`)).rejects.toThrow('must name a repository and a tag')
  })

  test.skipIf(!hasJudge)('securesystemslib verifies the signed index, and no changed one', async () => {
    const judge = (file: string) => run('/usr/bin/python3', ['-c', JUDGE, file, at('publisher.pem.pub')])
    await judge(at('cat/plant/index.json'))
    const envelope = JSON.parse(await readFile(at('cat/plant/index.json'), 'utf8'))
    const payload = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('"version":2', '"version":3')
    const changed = { ...envelope, payload: Buffer.from(payload).toString('base64') }
    await writeFile(at('changed.json'), JSON.stringify(changed))
    await expect(judge(at('changed.json'))).rejects.toThrow('VerificationError')
  })
})
