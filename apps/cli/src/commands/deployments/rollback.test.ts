import { beforeAll, beforeEach, expect, test } from 'vitest'
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
beforeEach(async () => {
  hub.state.deployments.clear()
  await cli(['deploy', 'anomaly'], { env })
  await cli(['deploy', 'anomaly', '--shadow', '100 for 10m', '--canary', '10%'], { env })
  hub.state.calls.length = 0
})

const rollBack = (...words: string[]) => cli(['deployment', 'rollback', 'anomaly', ...words], { env })

test('a dry run prints the devices that change, and what the strategy keeps and loses', async () => {
  const { code, out, err } = await rollBack('--dry-run')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot('../../snapshots/tables/deployment-rollback.txt')
  expect(hub.state.calls).toEqual([])
  const json = await rollBack('--dry-run', '--json')
  expect(JSON.parse(json.out)).toMatchObject({ to: { revision: 1, version: 1 }, moves: [{ version: 2, count: 1 }] })
})

test('without --yes it asks at a terminal, and changes nothing elsewhere', async () => {
  const words = ['deployment', 'rollback', 'anomaly']
  const alone = await cli(words, { env })
  expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('code: confirmation_missing') })
  expect(alone.err).toContain('roll anomaly back to anomaly:1 of revision 1: 1 device changes from version 2')
  const refused = await cli(words, { env, answers: ['n'] })
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('code: confirmation_refused') })
  expect(hub.state.calls).toEqual([])
  const agreed = await cli(words, { env, answers: ['y'] })
  expect(agreed).toMatchObject({ code: 0, err: expect.stringContaining('now revision 3') })
  expect(hub.state.calls).toEqual(['deployment.rollback anomaly 1'])
})

test('it rolls back to the revision that it has shown', async () => {
  const { code, out } = await rollBack('--to', '1', '--yes', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ rollbackTo: 1, deployment: { revision: 3, version: 1 } })
})

test('with --watch it follows the rollout to its end', async () => {
  const { code, out } = await rollBack('--yes', '--watch')
  expect(code).toBe(0)
  expect(out).toMatch(/done/)
})

test.each([
  [['--to', '7', '--yes'], 1, 'code: revision_unknown'],
  [['--to', 'x', '--yes'], 2, 'code: usage_wrong'],
  [['--to', '0', '--yes'], 2, 'code: usage_wrong'],
])('%j is rejected', async (words, code, err) => {
  expect(await rollBack(...words)).toMatchObject({ code, err: expect.stringContaining(err) })
})

test('a deployment without an earlier revision is rejected with advice', async () => {
  hub.state.deployments.clear()
  await cli(['deploy', 'anomaly'], { env })
  const { code, err } = await rollBack('--yes')
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('code: rollback_target_missing') })
  expect(err).toContain('what next: choose a revision yourself: "skerry deployment revisions" lists them')
})
