/**
 * Submission and review with real processes: an author sends a signed listing to a hub, a reviewer, who is another
 * person, reads its evidence, rejects it, accepts the next one, and the hub publishes it into its own catalogue.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CatalogueEnvelope, type FoundListing } from '@skerry/contract/market/catalogue'
import type { Submission, SubmissionDetail } from '@skerry/contract/market/submission'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'

let folder: string
let hub: HubProgram
let author: (...words: string[]) => Promise<string>
let reviewer: (...words: string[]) => Promise<string>
let owner: (...words: string[]) => Promise<string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-review-'))
  const home = await newHubHome(folder)
  hub = await startHub({ ...home, args: ['--catalogues', folder, '--serve-catalogue', 'default/plant'] })
  owner = commandsOf(hub.connection.key ?? '')
  author = commandsOf((await hub.client.key.create({ name: 'author', role: 'editor' })).secret)
  reviewer = commandsOf((await hub.client.key.create({ name: 'reviewer', role: 'supervisor' })).secret)
})
afterAll(async () => {
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const at = (...parts: string[]) => join(folder, ...parts)

/** The commands of one person. They throw the text that the person would read. */
function commandsOf(key: string) {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: key, SKERRY_CA_FILE: hub.authorityPath, SKERRY_HOME: folder }
  return async (...words: string[]): Promise<string> => {
    const { code, out, err } = await cli(words, { env, nowMs: Date.now })
    if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
    return out
  }
}

const submit = (...more: string[]) => [
  ...['market', 'submit', at('level-watch'), '--catalogue', 'plant', '--json'],
  ...(more.includes('--key') ? more : [...more, '--key', at('publisher.pem')]),
]
const idOf = (json: string) => (JSON.parse(json) as Submission).id
const show = async (id: string): Promise<SubmissionDetail> =>
  JSON.parse(await author('market', 'review', 'show', id, '--json'))

/** Changes a line of listing.yaml. */
async function edit(from: string, to: string): Promise<void> {
  const path = at('level-watch/listing.yaml')
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

test('a hub takes only a submission that a trusted key signed, for a catalogue of its own', async () => {
  await author('market', 'init', 'level-watch', '--folder', at('level-watch'))
  await author('market', 'key', at('publisher.pem'))
  await expect(author(...submit())).rejects.toThrow('submission_refused')
  await owner('signing-key', 'add', 'vendor', at('publisher.pem.pub'))
  await expect(author(...submit())).rejects.toThrow('catalogue_unknown')
  await expect(author('market', 'catalogue', 'create', 'plant')).rejects.toThrow('permission_denied')
  expect(await owner('market', 'catalogue', 'create', 'plant')).toContain('this hub, which signs it')
  await expect(owner('market', 'catalogue', 'create', 'plant')).rejects.toThrow('catalogue_refused')
})

test('a reviewer rejects a submission with a reason and a comment, which its author reads', async () => {
  const id = idOf(await author(...submit()))
  expect(await show(id)).toMatchObject({
    submission: { state: 'pending', listing: 'level-watch', submittedBy: 'author', level: 1 },
    notices: ['its behaviour is unproven: no run in a sandbox is in the certificate (level 2)'],
  })
  await expect(author('market', 'review', 'accept', id)).rejects.toThrow('permission_denied')
  await reviewer('market', 'review', 'comment', id, 'please run it in a sandbox')
  await reviewer('market', 'review', 'reject', id, '--reason', 'level 2 is missing')
  const text = await author('market', 'review', 'show', id)
  expect(text).toMatch(/rejected[\s\S]*level 2 is missing[\s\S]*please run it in a sandbox/)
  await expect(reviewer('market', 'review', 'accept', id)).rejects.toThrow('submission_decided')
  await expect(author('market', 'review', 'withdraw', id, '--reason', 'x')).rejects.toThrow('submission_decided')
})

test('an accepted submission is published, signed by the hub, and can be installed', async () => {
  const id = idOf(await author(...submit('--level', '2')))
  expect(await reviewer('market', 'review', 'ls', '--state', 'pending')).toContain(id)
  // A reviewer repeats the evidence on the own machine.
  expect(await owner('market', 'review', 'check', id)).toMatch(/restart +passed/)
  await reviewer('market', 'review', 'accept', id)
  const found: FoundListing[] = JSON.parse(await author('market', 'search', 'level', '--json'))
  expect(found).toMatchObject([{ catalogue: 'plant', entry: { version: '1.0.0', certificate: { level: 2 } } }])
  expect(await owner('market', 'install', 'plant/level-watch', '--dry-run')).toContain('level-watch-watch')
  const served = await fetch(`${hub.url}/catalogues/default/plant/index.json`)
  const { keys } = await hub.client.signingKey.list({})
  const signer = keys.find(({ name }) => name === 'hub')?.publicKeyPem ?? ''
  const opened = openCatalogue(CatalogueEnvelope.parse(await served.json()), [signer], 1)
  expect(opened).toMatchObject({ ok: true, index: { name: 'plant', version: 2, listings: [{ name: 'level-watch' }] } })
  const document = opened.ok ? opened.index.listings[0]?.digest.slice('sha256:'.length) : ''
  expect((await fetch(`${hub.url}/catalogues/default/plant/blobs/sha256/${document}`)).status).toBe(200)
  await expect(author(...submit())).rejects.toThrow('level-watch@1.0.0 is published')
})

test('a version that asks for more shows the new permission, and nobody accepts an own submission', async () => {
  await edit('version: 1.0.0', 'version: 1.1.0')
  await edit(
    'permissions:',
    'permissions:\n  - { access: egress, target: "vendor.example:443", purpose: sends the levels to the vendor }',
  )
  const id = idOf(await owner(...submit()))
  const detail = await show(id)
  expect(detail.follows).toBe('1.0.0')
  expect(detail.permissions.unaccepted).toMatchObject([{ access: 'egress', target: 'vendor.example:443' }])
  expect(detail.notices.join('; ')).toMatch(
    /asks for more than 1\.0\.0: egress vendor.*replaces and skips no published/,
  )
  await expect(owner('market', 'review', 'accept', id)).rejects.toThrow('submission_own')
  await expect(author('market', 'review', 'withdraw', id, '--reason', 'x')).rejects.toThrow('submission_foreign')
  // The key is revoked between submission and decision.
  await owner('signing-key', 'revoke', 'vendor', '--reason', 'stolen', '--yes')
  await expect(reviewer('market', 'review', 'accept', id)).rejects.toThrow('no trusted key signed')
  await owner('market', 'review', 'withdraw', id, '--reason', 'a new key follows')
  const { rows } = await hub.client.audit.list({ action: 'submission.*' })
  expect(new Set(rows.filter(({ result }) => result === 'ok').map(({ action }) => action))).toEqual(
    new Set(['create', 'comment', 'reject', 'accept', 'withdraw'].map((verb) => `submission.${verb}`)),
  )
  await expect(owner('market', 'catalogue', 'rm', 'plant', '--yes')).rejects.toThrow('catalogue_refused')
})
