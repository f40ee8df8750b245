import { expect, test } from 'vitest'
import { HELP, parseOptions } from './options.ts'

const parse = (...args: string[]) => parseOptions(args, { SKERRY_HOME: '/srv/skerry' })

test('nothing said means a hub of this machine only', () => {
  expect(parse()).toEqual({
    ok: true,
    options: {
      data: '/srv/skerry/hub',
      host: '127.0.0.1',
      port: 8443,
      publicUrl: undefined,
      tls: undefined,
      ownerKeyFile: undefined,
      logLevel: 'info',
    },
  })
})

test('everything can be said', () => {
  const parsed = parse(
    '--data',
    '/d',
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
  )
  expect(parsed).toEqual({
    ok: true,
    options: {
      data: '/d',
      host: '::',
      port: 0,
      publicUrl: 'https://hub.example',
      tls: { certificateFile: 'c', keyFile: 'k', authorityFile: 'a' },
      ownerKeyFile: 'o',
      logLevel: 'debug',
    },
  })
})

test.each([
  ['--listen', ['--listen', '8443']],
  ['--listen', ['--listen', 'a:70000']],
  ['--listen', ['--listen', 'a:b:1']],
  ['--public-url', ['--public-url', 'https://hub/path']],
  ['--public-url', ['--public-url', 'https://user@hub']],
  ['--tls-', ['--tls-key', 'k']],
  ['--log-level', ['--log-level', 'verbose']],
  ["'--nonsense'", ['--nonsense']],
  ['extra', ['extra']],
])('a wrong %s is named in one line that ends in no full stop', (name, args) => {
  const parsed = parse(...args)
  expect(parsed).toMatchObject({ ok: false, code: 'option_invalid', message: expect.stringContaining(name) })
  if (parsed.ok === false) expect(parsed.message).toMatch(/^[^A-Z\n][^\n]*[^.\n]$/)
})

test('the help names every option', () => {
  expect(parse('--help')).toEqual({ ok: 'help', text: HELP })
  for (const option of [
    'data',
    'listen',
    'public-url',
    'tls-cert',
    'tls-key',
    'tls-ca',
    'owner-key-file',
    'log-level',
  ]) {
    expect(HELP).toContain(`--${option} `)
  }
})
