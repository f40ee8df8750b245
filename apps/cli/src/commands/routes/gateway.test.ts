import { expect, test } from 'vitest'
import { cli } from '../../../test/stage/cli.ts'

test.each([
  [['--listen', '0.0.0.0:8600'], 'is open to others, and their keys would travel unencrypted'],
  [['--tls-cert', 'gateway.pem'], '--tls-cert and --tls-key go together'],
  [['--listen', '8600'], 'must look like 127.0.0.1:8600'],
])('a gateway with %j does not start', async (words, problem) => {
  expect(await cli(['gateway', ...words])).toMatchObject({ code: 2, err: expect.stringContaining(problem) })
})
