/** The webhook of findings: the secret alone on stdout, what waits and what was given up, what a test is answered. */
import { expect, test } from 'vitest'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

test('is set with a secret that is shown once, shown with what was given up, tested and removed', async () => {
  await using signedIn = await openSignedIn()
  const { hub, env } = signedIn
  const webhook = (...words: string[]) => cli(['intrusion', 'webhook', ...words], { env })
  expect(await webhook('set', 'https://soc.example/')).toEqual({
    code: 0,
    out: 'shown-once\n',
    err: expect.stringContaining('shown only once'),
  })
  const { out } = await webhook('show')
  expect(out).toMatch(/waiting +2 findings, the first since 1970/)
  expect(out).toMatch(/problem +the webhook answered 503 \(7 attempts\)/)
  expect(out).toMatch(/given up +1 finding, the newest int_abcdefgh234567 at 1970\S* .*: the webhook answered 503/)
  expect(await webhook('test')).toMatchObject({
    code: 1,
    out: 'it answered 401: who are you\n',
    err: expect.stringContaining('code: webhook_refused'),
  })
  expect(await webhook('rm', '--yes')).toMatchObject({ code: 0 })
  for (const wrong of ['http://soc.example/', 'https://me:pw@soc.example/'])
    expect(await webhook('set', wrong)).toMatchObject({ code: 2 })
  expect(hub.state.calls.filter((call) => call.startsWith('intrusion.'))).toEqual([
    'intrusion.setWebhook https://soc.example/',
    'intrusion.removeWebhook',
  ])
})
