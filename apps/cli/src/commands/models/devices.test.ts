import { Name } from '@skerry/contract/values/names'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { ANOMALY } from '../../../test/fake-hub/fake-data.ts'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>

beforeAll(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})
beforeEach(() => {
  hub.state.pushes.splice(0, hub.state.pushes.length, {
    name: Name.parse('anomaly'),
    files: ANOMALY.files.map(({ path, digest }) => ({ path, digest })),
    labels: {},
    aliases: [],
  })
})

test('without a version, the devices of all running versions are listed, with their versions', async () => {
  hub.state.running = [
    { version: 3, devices: 1 },
    { version: 1, devices: 1 },
  ]
  const { out } = await cli(['model', 'devices', 'anomaly'], { env })
  expect(out).toMatch(/NAME +VERSION +SITE/)
  expect(out).toMatch(/gateway-1 +3 .*\ngateway-1 +1 /)
  const rows = JSON.parse((await cli(['model', 'devices', 'anomaly', '--json'], { env })).out)
  expect(rows).toMatchObject([
    { name: 'gateway-1', version: '3' },
    { name: 'gateway-1', version: '1' },
  ])
})

test('a version that no device serves points to the devices of all versions', async () => {
  hub.state.running = [{ version: 1, devices: 1 }]
  const { out } = await cli(['model', 'devices', 'anomaly:latest'], { env })
  expect(out).toContain('no device serves the latest version of anomaly')
  expect(out).toContain('"skerry model devices anomaly" lists the devices of all versions')
  hub.state.running = []
  const none = await cli(['model', 'devices', 'anomaly'], { env })
  expect(none.out).toContain('no device serves a version of anomaly')
})

test('a hub that does not report the running versions lists the devices of the latest', async () => {
  hub.state.running = undefined
  const { out } = await cli(['model', 'devices', 'anomaly'], { env })
  expect(out).toMatch(/gateway-1 +latest /)
})
