import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

const parse = (...args: string[]) => parseOptions(args, { SKERRY_HOME: '/srv/skerry' })

test('has a default for everything', () => {
  expect(parse()).toEqual({
    ok: true,
    options: {
      data: '/srv/skerry/agent',
      joinToken: undefined,
      rest: { host: '127.0.0.1', port: 8500 },
      grpc: { host: '127.0.0.1', port: 8501 },
      name: undefined,
      logLevel: 'info',
    },
  })
})

test('takes addresses of both families, and port 0', () => {
  expect(parse('--listen', '[::1]:0', '--grpc', '0.0.0.0:9000')).toMatchObject({
    options: { rest: { host: '::1', port: 0 }, grpc: { host: '0.0.0.0', port: 9000 } },
  })
})

test.each([
  [['--listen', '8500'], '--listen must be HOST:PORT such as 127.0.0.1:8500, not "8500"'],
  [['--grpc', 'host:70000'], '--grpc must be HOST:PORT such as 127.0.0.1:8501, not "host:70000"'],
  [['--name', 'Line 4'], '--name must be 1 to 63 of a-z, 0-9 and -, not "Line 4"'],
  [['--log-level', 'loud'], '--log-level must be one of debug, info, warn, error, silent, not "loud"'],
  [['--nonsense'], "unknown option '--nonsense'; see --help"],
  [['stray'], "unexpected argument 'stray'"],
])('refuses %j, saying what it should be', (args, message) => {
  expect(parse(...args)).toMatchObject({ ok: false, code: 'option_invalid', message: expect.stringContaining(message) })
})

test('helps', () => {
  expect(parse('--help')).toMatchObject({ ok: 'help', text: expect.stringContaining('Example:') })
})
