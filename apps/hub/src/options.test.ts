import { expect, test } from 'vitest'
import { HELP, parseOptions } from './options.ts'

const parse = (...args: string[]) => parseOptions(args, { SKERRY_HOME: '/srv/skerry' })

test('without options a hub serves this machine only', () => {
  expect(parse()).toEqual({
    ok: true,
    options: {
      data: '/srv/skerry/hub',
      secrets: '/srv/skerry/hub',
      isMakingSecrets: false,
      isUpgradeChecked: false,
      databaseUrl: undefined,
      host: '127.0.0.1',
      port: 8443,
      publicUrl: undefined,
      tls: undefined,
      ownerKeyFile: undefined,
      separateBatchKeys: false,
      isAdoptingBlobs: false,
      fileRules: { keepRemovedMs: 7 * 86_400_000, isRemovingStrays: false },
      s3: undefined,
      logLevel: 'info',
      mail: undefined,
      ssoFile: undefined,
      noticeFile: undefined,
      catalogues: '/srv/skerry/hub/catalogues',
      servedCatalogues: [],
      webhooks: { allowed: [], secretFile: undefined, authorityFile: undefined },
    },
  })
})

test('every option is read', () => {
  const parsed = parse(
    '--data',
    '/d',
    '--secrets',
    '/s',
    '--database-url',
    'postgres://u:p@db/skerry',
    '--listen',
    '[::]:0',
    '--public-url',
    'https://hub.example/',
    '--log-level',
    'debug',
    '--tls-cert',
    'c',
    '--tls-key',
    'k',
    '--tls-ca',
    'a',
    '--owner-key-file',
    'o',
    '--separate-batch-keys',
    '--webhook-allow',
    'tests.plant',
    '--webhook-allow',
    '[::1]:9000',
    '--webhook-secret-file',
    's',
    '--webhook-ca',
    'wa',
    '--proxy',
    'http://proxy.example:3128',
    '--catalogues',
    '/c',
    '--serve-catalogue',
    'plant',
    '--adopt-blobs',
    '--remove-strays',
    '--keep-removed',
    '30',
  )
  expect(parsed).toEqual({
    ok: true,
    options: {
      data: '/d',
      secrets: '/s',
      isMakingSecrets: false,
      isUpgradeChecked: false,
      databaseUrl: 'postgres://u:p@db/skerry',
      host: '::',
      port: 0,
      publicUrl: 'https://hub.example',
      tls: { certificateFile: 'c', keyFile: 'k', authorityFile: 'a' },
      ownerKeyFile: 'o',
      separateBatchKeys: true,
      catalogues: '/c',
      servedCatalogues: ['plant'],
      isAdoptingBlobs: true,
      fileRules: { keepRemovedMs: 30 * 86_400_000, isRemovingStrays: true },
      logLevel: 'debug',
      webhooks: {
        allowed: [{ host: 'tests.plant' }, { host: '::1', port: 9000 }],
        secretFile: 's',
        authorityFile: 'wa',
        proxy: 'http://proxy.example:3128',
      },
    },
  })
})

test.each([
  ['--listen', ['--listen', '8443']],
  ['--listen', ['--listen', 'a:70000']],
  ['--listen', ['--listen', 'a:b:1']],
  ['DATABASE_URL', ['--database-url', 'mysql://u:p@db/skerry']],
  ['--public-url', ['--public-url', 'https://hub/path']],
  ['--public-url', ['--public-url', 'https://user@hub']],
  ['--tls-', ['--tls-key', 'k']],
  ['--log-level', ['--log-level', 'verbose']],
  ['--webhook-allow', ['--webhook-allow', 'https://a/']],
  ['--proxy', ['--proxy', 'socks://proxy:1080']],
  ['--proxy', ['--proxy', 'http://ada:secret@proxy:3128']],
  ["'--nonsense'", ['--nonsense']],
  ['extra', ['extra']],
])('an invalid %s is named in one line without a full stop', (name, args) => {
  const parsed = parse(...args)
  expect(parsed).toMatchObject({ ok: false, code: 'option_invalid', message: expect.stringContaining(name) })
  if (parsed.ok === false) expect(parsed.message).toMatch(/^[^A-Z\n][^\n]*[^.\n]$/)
})

test('the database can come from the environment, whose password no process list shows', () => {
  const environment = { DATABASE_URL: 'postgresql://u:p@db/skerry' }
  expect(parseOptions([], environment)).toMatchObject({ options: { databaseUrl: environment.DATABASE_URL } })
  expect(parseOptions([], { DATABASE_URL: 'secret' })).toMatchObject({ ok: false })
  expect(JSON.stringify(parseOptions([], { DATABASE_URL: 'mysql://u:secret@db' }))).not.toContain('secret')
})

test('the help names every option', () => {
  expect(parse('--help')).toEqual({ ok: 'help', text: HELP })
  for (const option of [
    'data',
    'database-url',
    'secrets',
    'listen',
    'public-url',
    'tls-cert',
    'tls-key',
    'tls-ca',
    'owner-key-file',
    'webhook-allow',
    'webhook-secret-file',
    'webhook-ca',
    'log-level',
  ]) {
    expect(HELP).toContain(`--${option} `)
  }
})

test('blobs can be stored in a bucket, whose credentials are not options', () => {
  const s3 = (...args: string[]) => {
    const parsed = parseOptions(args, { AWS_REGION: 'eu-central-1' })
    return parsed.ok === true ? parsed.options.s3 : parsed
  }
  expect(s3('--blobs', 's3://skerry-blobs')).toEqual({
    bucket: 'skerry-blobs',
    prefix: '',
    endpoint: undefined,
    region: 'eu-central-1',
    isPathStyle: false,
  })
  const own = ['--s3-endpoint', 'https://s3.example:9000', '--s3-path-style', '--s3-region', 'moon']
  expect(s3('--blobs', 's3://skerry-blobs/plant/a', ...own)).toEqual({
    bucket: 'skerry-blobs',
    prefix: 'plant/a/',
    endpoint: 'https://s3.example:9000',
    region: 'moon',
    isPathStyle: true,
  })
  const refused = [
    ['--blobs', '/var/blobs'],
    ['--blobs', 's3://x'],
    ['--blobs', 's3://bucket/../x'],
    ['--blobs', 's3://bucket//x'],
    ['--blobs', 's3://bucket', '--s3-endpoint', 'https://key:secret@s3.example'],
    ['--blobs', 's3://bucket', '--s3-endpoint', 'ftp://s3.example'],
    ['--blobs', 's3://bucket', '--s3-region', 'a b'],
    ['--s3-path-style'],
  ]
  for (const args of refused) expect(s3(...args), args.join(' ')).toMatchObject({ ok: false, code: 'option_invalid' })
})

test('e-mail needs a server and a sender, and an invalid URL is not repeated, because it contains a password', () => {
  const from = ['--mail-from', 'skerry@plant.example']
  expect(parse('--smtp-url', 'smtps://u:p@mail.example', ...from)).toMatchObject({
    options: { mail: { smtpUrl: 'smtps://u:p@mail.example', from: 'skerry@plant.example' } },
  })
  for (const wrong of [['--smtp-url', 'smtp://mail.example'], from, ['--smtp-url', 'http://u:secret@x', ...from]]) {
    const refused = parse(...wrong)
    expect(refused).toMatchObject({ ok: false, code: 'option_invalid' })
    expect(JSON.stringify(refused)).not.toContain('secret')
  }
})

test('a collector of OpenTelemetry is a URL without a password, which is not repeated', () => {
  const url = 'https://collector.example:4318/v1/metrics'
  expect(parse('--otlp-url', url, '--otlp-headers-file', 'h')).toMatchObject({
    options: { otlp: { url, headersFile: 'h' } },
  })
  expect(parse()).toMatchObject({ options: { otlp: undefined } })
  for (const wrong of ['collector:4318', 'ftp://collector.example', 'https://u:secret@collector.example', '']) {
    const refused = parse('--otlp-url', wrong)
    expect(refused).toMatchObject({ ok: false, message: expect.stringMatching(/^--otlp-url must be/) })
    expect(JSON.stringify(refused)).not.toContain('secret')
  }
  expect(parse('--otlp-headers-file', 'h')).toMatchObject({ ok: false })
})
