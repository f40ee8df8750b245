/**
 * The way back to an earlier version on real devices, and the reasons that a failed rollout gives.
 *
 * @module-tag deep Quick tests show the rollback of a deployment at the hub and in the console, and test/gates on devices.
 */
import { expect, test } from 'vitest'
import { askAnomaly, deploy, MODEL, pushBuild } from './stage/anomaly.ts'
import { openFleet } from './stage/fleet.ts'

test('one command returns both devices to the version before, and a failed rollout gives its reasons', async () => {
  await using fleet = await openFleet()
  const devices = [await fleet.join('press-1'), await fleet.join('press-2')]
  const serve = async (version: number) => {
    for (const { name } of devices)
      await fleet.item(name, ({ state, target }) => state === 'active' && target.version === version)
    return Promise.all(devices.map(({ url }) => askAnomaly(url)))
  }
  for (const build of ['v1', 'v2', 'noise'] as const) await pushBuild(fleet, build)
  await deploy(fleet, 1)
  await serve(1)
  const { rolloutId } = await deploy(fleet, 2)
  const watched = await fleet.cli(['rollout', 'watch', rolloutId])
  expect(watched.code, watched.err).toBe(0)
  await serve(2)

  const refused = await fleet.cli(['rollout', 'rollback', MODEL, '--reason', 'bad scores'])
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('the rollout is finished (done)') })
  expect(refused.err).toContain(`return its devices to an earlier revision with "skerry deployment rollback ${MODEL}"`)

  const preview = await fleet.cli(['deployment', 'rollback', MODEL, '--dry-run'])
  expect(preview, preview.err).toMatchObject({ code: 0 })
  expect(preview.out).toContain(`from ${MODEL}:2 (revision 2) to ${MODEL}:1 (revision 1)`)
  expect(preview.out).toContain('2 devices change from version 2: press-1, press-2')
  const unasked = await fleet.cli(['deployment', 'rollback', MODEL])
  expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') })
  expect(await serve(2), 'a preview changes nothing').toMatchObject([{ version: 2 }, { version: 2 }])

  const back = await fleet.cli(['deployment', 'rollback', MODEL, '--yes', '--watch'])
  expect(back, back.err).toMatchObject({ code: 0, out: expect.stringContaining('revision 3 done') })
  expect(back.err).toContain(`rolled back ${MODEL} to ${MODEL}:1 of revision 1, now revision 3`)
  expect(await serve(1)).toEqual([
    { version: 1, build: 'v1' },
    { version: 1, build: 'v1' },
  ])
  const again = await fleet.cli(['deployment', 'rollback', MODEL, '--yes'])
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('code: rollback_target_missing') })

  const failed = await fleet.cli(['deploy', `${MODEL}:3`, '--canary', '1', '--watch'])
  expect(failed.code).toBe(1)
  const [, device = ''] = /^ {4}(press-[12]): golden_mismatch: ./m.exec(failed.err) ?? []
  expect(failed.err, 'the device and its reason').toContain(`${device}: golden_mismatch: `)
  const next = [
    `deployment explain ${MODEL} ${device}`,
    `device retry ${device} ${MODEL}`,
    `deployment rollback ${MODEL}`,
  ]
  for (const command of next) expect(failed.err).toContain(`"skerry ${command}`)
  const shown = await fleet.cli(['rollout', 'show', MODEL])
  expect(shown.out).toMatch(new RegExp(`failed +${device}: golden_mismatch: `))
  const listed = await fleet.cli(['rollout', 'ls', '--deployment', MODEL])
  expect(listed.out).toContain(`${device}: golden_mismatch: `)
  const deployments = await fleet.cli(['deployment', 'ls'])
  expect(deployments.out).toContain(`${device}: golden_mismatch: `)

  const settled = await fleet.cli(['deployment', 'rollback', MODEL, '--yes', '--watch'])
  expect(settled, settled.err).toMatchObject({ code: 0 })
  expect(await serve(1), 'a paused rollout is replaced').toMatchObject([{ version: 1 }, { version: 1 }])
  const { rows } = await fleet.hub.client.deployment.revisions({ deployment: MODEL })
  expect(rows.map(({ revision, version, rollbackTo }) => ({ revision, version, rollbackTo }))).toEqual([
    { revision: 5, version: 1, rollbackTo: 3 },
    { revision: 4, version: 3 },
    { revision: 3, version: 1, rollbackTo: 1 },
    { revision: 2, version: 2 },
    { revision: 1, version: 1 },
  ])

  const held = await fleet.cli(['device', 'show', device])
  const retry = `skerry device retry ${device} ${MODEL}`
  expect(held.out).toContain(
    `${MODEL}:3 is not tried again: it failed here before (remembered; retry with \`${retry}\`): golden_mismatch: `,
  )
  const repeated = await fleet.cli(['deploy', `${MODEL}:3`, '--canary', '1', '--watch'])
  expect(repeated).toMatchObject({ code: 1, err: expect.stringContaining(`"${retry}"`) })
  expect(repeated.err).toContain(`${device}: not tried again: it failed here before (remembered): golden_mismatch: `)
  const explained = await fleet.cli(['deployment', 'explain', MODEL, device])
  expect(explained.out).toContain('version 3 was not tried again there, because it failed there before (remembered)')
  expect(explained.out).not.toContain('rollout retry')
})
