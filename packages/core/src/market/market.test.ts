import { createHash } from 'node:crypto'
import { CatalogueEntry } from '@skerry/contract/market/catalogue'
import { Listing } from '@skerry/contract/market/listing'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { certificateOf, compareCertificates, isPassed } from './certify-listing.ts'
import { iconFindings, markdownFindings, mixedScriptWord } from './checks/check-content.ts'
import { checkListing, type FoundFile } from './checks/check-listing.ts'
import { connectionNeeds } from './checks/needed-permissions.ts'
import { fillTemplate } from './fill-template.ts'
import { countFit, fitText } from './fleet-fit.ts'
import { draftInstall } from './install-steps.ts'
import { judgeCatalogue } from './judge-catalogue.ts'
import { listingFiles } from './listing-files.ts'
import { newestFor, upgradeFrom } from './listing-versions.ts'
import { permissionDiff } from './permission-diff.ts'
import { prepareSearch, searchListings } from './search-listings.ts'
import { missingForSteps } from './step-permissions.ts'
import { obsoleteSteps, uninstallSteps } from './uninstall-steps.ts'

const digestOf = (text: string | Uint8Array) =>
  Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)

const FLOW = {
  name: 'x',
  inputs: [{ name: 'level', source: '{{ name.pump }}', tag: 'vibration' }],
  steps: [{ name: 'high', kind: 'threshold', from: 'level', above: '{{ limit }}' }],
  sinks: [{ name: 'alarm', kind: 'hub', from: 'high' }],
}
const SOURCE = { name: 'x', protocol: 'simulator', connection: { seed: 1 } }

function listed(changes: object = {}, flow: object = FLOW) {
  const files = new Map<Digest, FoundFile>()
  const blob = (document: unknown) => {
    const text = JSON.stringify(document)
    const bytes = Buffer.from(text)
    const digest = digestOf(text)
    files.set(digest, { measured: { digest, sizeBytes: bytes.length }, bytes, document })
    return { digest, sizeBytes: bytes.length }
  }
  const listing = Listing.parse({
    v: 1,
    name: 'pump-watch',
    version: '1.0.0',
    title: 'Pump watch',
    summary: 'Watches a pump',
    description: 'It **watches** a pump.',
    categories: ['maintenance'],
    licence: 'Apache-2.0',
    publisher: 'Skerry',
    settings: { type: 'object', properties: { limit: { type: 'number', default: 8 } } },
    permissions: [
      { access: 'read-tag', target: '{{ name.pump }}/vibration', purpose: 'reads the vibration to judge it' },
    ],
    connections: [{ item: 'pump', connection: 'source', spec: blob(SOURCE) }],
    versions: [
      {
        item: 'flow',
        kind: 'flow',
        files: [{ path: 'flow.json', ...blob(flow) }],
        template: { path: 'flow.json', places: ['/inputs/0/source', '/steps/0/above'] },
      },
    ],
    ...changes,
  })
  return { listing, files, digestOf }
}

const failed = (checked: ReturnType<typeof listed>) =>
  checkListing(checked).flatMap(({ check, result, findings }) =>
    result === 'FAILED' ? findings.map((finding) => `${check}: ${finding}`) : [],
  )

test('a good listing passes each check, and its certificate is the same at each repetition', () => {
  const checked = listed()
  expect(failed(checked)).toEqual([])
  const digest = digestOf(JSON.stringify(checked.listing))
  const certificate = certificateOf(checked.listing, digest, checkListing(checked))
  expect(isPassed(certificate)).toBe(true)
  expect(compareCertificates(certificate, certificateOf(checked.listing, digest, checkListing(checked)))).toEqual([])
  const [changed] = [...checked.files.keys()]
  if (changed) checked.files.set(changed, { measured: undefined })
  const differences = compareCertificates(certificate, certificateOf(checked.listing, digest, checkListing(checked)))
  expect(differences.map(({ check }) => check)).toContain('digests')
})

test.each([
  ['asks for too little', { permissions: [] }, 'permissions: it uses "read-tag pump-watch-pump/vibration"'],
  ['has an unknown licence', { licence: 'Free-For-All' }, 'licence: Free-For-All is no licence'],
  ['imitates a name', { title: 'Pump w\u0430tch' }, 'names: the title has the word'],
  ['has HTML', { description: '<script>alert(1)</script>' }, 'content: the description has HTML'],
  ['has a script link', { changelog: '[x](javascript:alert(1))' }, 'content: the changelog has a link that runs code'],
  [
    'has a secret',
    { description: `token ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}` },
    'secrets: the description has',
  ],
  [
    'has a default of another type',
    { settings: { type: 'object', properties: { limit: { type: 'number', default: 1, maximum: 0 } } } },
    'form: the setting limit',
  ],
])('a listing that %s fails', (_, changes, message) => {
  expect(failed(listed(changes)).join('\n')).toContain(message)
})

test('a simulator that replays a file of the device needs a permission for the file', () => {
  expect(
    connectionNeeds({ protocol: 'simulator', connection: { recording: { path: '/etc/passwd', time: 't' } } }),
  ).toEqual([{ access: 'mount', target: '/etc/passwd' }])
  expect(connectionNeeds(SOURCE)).toEqual([])
})

test('a model needs a result above a baseline, and a bill of materials', () => {
  const { listing, ...rest } = listed()
  const [first] = listing.versions
  const model = {
    ...first,
    item: 'model',
    kind: 'model',
    template: undefined,
    files: [{ ...first?.files[0], path: 'model.onnx' }],
  }
  const withModel = { ...rest, listing: Listing.parse({ ...listing, versions: [...listing.versions, model] }) }
  expect(failed(withModel)).toEqual([
    'sbom: the model model has no bill of materials',
    'evidence: the model model has no measured result',
  ])
})

test.each([
  [
    'a path that climbs',
    {
      versions: [
        { item: 'a', kind: 'flow', files: [{ path: '../../etc/passwd', digest: digestOf(''), sizeBytes: 1 }] },
      ],
    },
  ],
  ['a name with a foreign letter', { name: 'pump-w\u0430tch' }],
  ['a title that changes its direction', { title: 'Pump \u202Ehctaw' }],
  [
    '1,000 settings',
    {
      settings: {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`s${index}`, { type: 'boolean' }])),
      },
    },
  ],
  ['a huge icon', { icon: { digest: digestOf(''), type: 'image/png', sizeBytes: 10_000_000 } }],
  ['a purpose that says nothing', { permissions: [{ access: 'port', target: '80/tcp', purpose: 'needed' }] }],
  [
    'a setting called __proto__',
    JSON.parse(
      '{"settings":{"type":"object","properties":{"__proto__x":{"type":"boolean"},"a b":{"type":"boolean"}}}}',
    ),
  ],
])('%s is no listing', (_, changes) => {
  expect(Listing.safeParse({ ...listed().listing, ...changes }).success).toBe(false)
})

test('icons with code are found, and plain ones are not', () => {
  const svg = (inner: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`)
  expect(iconFindings('image/svg+xml', svg('<path d="M0 0h1"/>'))).toEqual([])
  for (const bad of [
    '<script>x</script>',
    '<a href="https://x.example">x</a>',
    '<circle onload="x"/>',
    '<foreignObject/>',
    '<image href="data:x"/>',
    '<rect fill="url(https://x.example/a)"/>',
  ])
    expect(iconFindings('image/svg+xml', svg(bad))).not.toEqual([])
  expect(iconFindings('image/png', Buffer.from('GIF89a'))).toEqual(['is no PNG'])
  expect(markdownFindings('a < b, and `<b>` is bold')).toEqual([])
  expect(mixedScriptWord('Überwachung Ölpumpe')).toBeUndefined()
})

test('a picture is a PNG, and is one of the files of the listing', () => {
  const { listing, files, ...rest } = listed()
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const withPicture = (bytes: Buffer) => {
    const picture = { digest: digestOf(bytes), sizeBytes: bytes.length, text: 'The page in the hall' }
    const all = new Map([...files, [picture.digest, { measured: picture, bytes }] as const])
    return { ...rest, files: all, listing: Listing.parse({ ...listing, pictures: [picture] }) }
  }
  expect(failed(withPicture(png))).toEqual([])
  expect(listingFiles(withPicture(png).listing).map(({ digest }) => digest)).toContain(digestOf(png))
  expect(failed(withPicture(Buffer.from('<svg onload="x"/>')))).toEqual([
    'content: the picture "The page in the hall" is no PNG',
  ])
})

test('settings are placed as values, and never as text of the document', () => {
  const template = { a: ['{{ limit }}'], b: 'x-{{ word }}', c: '{{ limit }}' }
  const values = { limit: 3, word: '", "evil": "1' }
  expect(fillTemplate(template, ['/a/0', '/b'], values)).toEqual({
    ok: true,
    document: { a: [3], b: 'x-", "evil": "1', c: '{{ limit }}' },
  })
  expect(fillTemplate(template, ['/__proto__/x'], values)).toMatchObject({ ok: false })
  expect(fillTemplate(template, ['/a/1'], values)).toMatchObject({ ok: false })
  expect(fillTemplate(template, ['/c'], {})).toMatchObject({ ok: false, message: expect.stringContaining('limit') })
})

test('an installation is a list of ordinary requests, and another one of the same listing has other names', () => {
  const { listing, files } = listed()
  const documentOf = (digest: Digest) => files.get(digest)?.document
  const choices = { name: 'hall', settings: { limit: 4 }, selector: 'true', scope: 'organisation' }
  const draft = draftInstall(listing, choices, { documentOf, digestOf })
  if (!draft.ok) throw new Error(draft.message)
  expect(draft.steps.map(({ does }) => does)).toEqual(['set-connection', 'push', 'deploy'])
  expect(draft.steps[0]).toMatchObject({ name: 'hall-pump', spec: { name: 'hall-pump', protocol: 'simulator' } })
  expect(JSON.parse(draft.blobs[0]?.text ?? '')).toMatchObject({
    name: 'hall-flow',
    inputs: [{ source: 'hall-pump' }],
    steps: [{ above: 4 }],
  })
  expect(draft.asked.map(({ target }) => target)).toEqual(['hall-pump/vibration'])
  const { steps, stays } = uninstallSteps(draft.objects)
  expect(steps.map(({ does }) => does)).toEqual(['remove-deployment', 'remove-connection'])
  expect(stays).toHaveLength(1)
  expect(obsoleteSteps(draft.objects, draft.objects.slice(0, 1)).map(({ does }) => does)).toEqual(['remove-deployment'])
  expect(missingForSteps(draft.steps, ['model.write'])).toEqual(['connection.write', 'deployment.write'])
  const careful = draftInstall(listing, { ...choices, preset: 'canary' }, { documentOf, digestOf })
  const deployed = careful.ok ? careful.steps.find(({ does }) => does === 'deploy') : undefined
  expect(deployed).toMatchObject({ spec: { strategy: { waves: [{ name: 'canary' }], onFailure: 'rollback-all' } } })
  const wrong = { ...choices, settings: { limit: 'x' } }
  expect(draftInstall(listing, wrong, { documentOf, digestOf })).toMatchObject({ ok: false })
})

const NOW = 1_000_000
const known = { version: 5, digest: digestOf('five') }
test.each([
  ['a newer index', { version: 6 }, 'six', { ok: true, change: 'newer' }],
  ['the same index', { version: 5 }, 'five', { ok: true, change: 'same' }],
  ['an older one', { version: 4 }, 'four', { ok: false, code: 'catalogue_rolled_back' }],
  ['another one of the same number', { version: 5 }, 'other', { ok: false, code: 'catalogue_mixed' }],
  ['one of another catalogue', { name: 'other', version: 9 }, 'x', { ok: false, code: 'catalogue_renamed' }],
  ['one that has expired', { version: 6, expiresAtMs: NOW }, 'six', { ok: false, code: 'catalogue_expired' }],
])('a catalogue: %s', (_, changes, bytes, verdict) => {
  const usual = { name: 'plant', version: 1, expiresAtMs: NOW + 1 }
  const index = { ...usual, ...changes }
  expect(judgeCatalogue({ name: 'plant', known, index, digest: digestOf(bytes), nowMs: NOW })).toMatchObject(verdict)
})

const entry = (changes: object) =>
  CatalogueEntry.parse({
    ...{
      name: 'a',
      version: '1.0.0',
      digest: digestOf('a'),
      sizeBytes: 1,
      title: 'Motor care',
      summary: 'Watches motors',
    },
    categories: ['maintenance'],
    licence: 'MIT',
    publisher: 'Skerry',
    channel: 'stable',
    kinds: ['flow'],
    ...changes,
  })

test('upgrades follow the graph, and leave out yanked and beta versions', () => {
  const entries = [
    entry({ version: '1.0.0' }),
    entry({ version: '1.10.0', replaces: '1.2.0' }),
    entry({ version: '1.2.0', replaces: '1.0.0' }),
    entry({ version: '2.0.0', replaces: '1.10.0', skips: ['1.2.0'], channel: 'beta' }),
    entry({ version: '3.0.0', replaces: '1.0.0', yanked: { reason: 'wrong limits' } }),
  ]
  expect(newestFor(entries, 'stable')?.version).toBe('1.10.0')
  expect(newestFor(entries, 'beta')?.version).toBe('2.0.0')
  expect(upgradeFrom(entries, '1.0.0', 'stable')?.version).toBe('1.2.0')
  expect(upgradeFrom(entries, '1.2.0', 'stable')?.version).toBe('1.10.0')
  expect(upgradeFrom(entries, '1.2.0', 'beta')?.version).toBe('2.0.0')
  expect(upgradeFrom(entries, '1.10.0', 'stable')).toBeUndefined()
})

test('a search finds words in any order, shows named hits first, and counts facets', () => {
  const entries = [
    entry({ name: 'pump', title: 'Pump care', summary: 'For motors too' }),
    entry({}),
    entry({ name: 'eye', title: 'Eye', summary: 'Sees', categories: ['vision'], kinds: ['app'] }),
  ]
  const search = prepareSearch([{ name: 'plant', entries }], 'stable')
  const { hits, facets } = searchListings(search, { text: 'motor' })
  expect(hits.map((hit) => hit.entry.name)).toEqual(['a', 'pump'])
  expect(facets.categories).toEqual([{ value: 'maintenance', count: 2 }])
  expect(searchListings(search, { kind: 'app' }).hits).toHaveLength(1)
})

test('new permissions need a new acceptance, and devices are counted with their reasons', () => {
  const asked = [{ access: 'port' as const, target: '80/tcp', purpose: 'shows the dashboard' }]
  expect(permissionDiff(asked, ['port 81/tcp'])).toMatchObject({ unaccepted: asked, dropped: ['port 81/tcp'] })
  expect(permissionDiff(asked, ['port 80/tcp']).unaccepted).toEqual([])
  const count = countFit({ capabilities: ['container'], architectures: ['x64'] })
  const device = { arch: 'x64', memoryMb: 512, cpus: 2, capabilities: ['container'] }
  count.add(device)
  count.add({ ...device, arch: 'arm64' })
  count.add({ ...device, memoryMb: undefined })
  expect(fitText(count.fit())).toBe(
    'runs on 1 of 3 devices, because of the others 1: their processor is not x64; 1: they have not reported their hardware yet',
  )
})
