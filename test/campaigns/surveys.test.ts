/**
 * Surveys of real processes: three devices count their rows, and the result equals the statistics of all rows. With masks,
 * a device that is killed in the middle is taken out of the sum.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countRows, layoutOf, readSurvey } from '@skerry/core/campaigns/survey'
import { filesWith } from '@skerry/testkit/files-below'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { writeRows } from '../stage/npy-rows.ts'

const ROWS = [400, 90, 1_300] as const
const WIDTH = 2

/** A value that no other row has. The first device has it in its fifth row. */
const PLANTED = Buffer.from(Float32Array.of(1234.5678, -8765.4321).buffer)

const dataOf = (device: number) => {
  const rows = ROWS[device] ?? 0
  const data = Float32Array.from({ length: rows * WIDTH }, (_, i) =>
    i % WIDTH === 0 ? 20 + device * 7 + ((i * 37) % 101) / 10 : i % 14 === 1 ? Number.NaN : ((i * 11) % 59) / 59,
  )
  if (device === 0) data.set(new Float32Array(Uint8Array.from(PLANTED).buffer), 5 * WIDTH)
  return {
    rows,
    width: WIDTH,
    data,
    labels: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row % (2 + device) === 0)),
  }
}

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-surveys-'))
  hub = await startHub(await newHubHome(folder))
  agents = await Promise.all(
    ROWS.map(async (_, at) => {
      const path = join(folder, `rows-${at}`)
      await writeRows(path, dataOf(at))
      const options = ['--training-data', `motors:any=${path}`]
      return startAgent(hub, { site: { name: 'hamburg', kind: 'onprem' }, device: `mill-${at}`, folder, options })
    }),
  )
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const FILE = `name: motors
data: { name: motors, type: float32, shape: [2], classes: 2 }
columns:
  - { name: heat, at: 0, low: 0, high: 60, bins: 120 }
  - { name: load, at: 1, low: 0, high: 1, bins: 10 }
participants: { minimum: 3 }
deadlineSeconds: 60
`

const run = (words: readonly string[], stdin = '') => {
  const env = {
    SKERRY_HOME: folder,
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.connection.key ?? '',
    SKERRY_CA_FILE: hub.authorityPath,
  }
  return cli(['survey', ...words], { env, stdin, nowMs: Date.now })
}

const statisticsOf = (devices: readonly number[], spec: Parameters<typeof readSurvey>[0]) => {
  const lines = devices.map((device) => countRows(layoutOf(spec), dataOf(device)))
  const sum = Float64Array.from(lines[0] ?? [], (_, at) => lines.reduce((all, line) => all + (line[at] ?? 0), 0))
  return readSurvey(spec, sum, devices.length)
}

const ended = (name: string) =>
  until(async () => {
    const answer = await hub.client.survey.get({ name })
    return ['done', 'failed', 'stopped'].includes(answer.survey.phase) && answer
  })

test('the statistics of a survey are those of all rows, and no row leaves its device', async () => {
  await until(async () => (await run(['create', '-', '--dry-run'], FILE)).out.includes('3 devices may take part now'))
  const begun = await run(['create', '-'], FILE)
  expect(begun, begun.err).toMatchObject({ code: 0 })
  const { survey, participants } = await ended('motors')
  expect(survey, survey.reason).toMatchObject({ phase: 'done' })
  expect(survey.result).toEqual(statisticsOf([0, 1, 2], survey.spec))
  expect(survey.result?.rows).toBe(1_790)
  expect(participants.map(({ device, state, rows }) => [device, state, rows])).toEqual(
    ROWS.map((rows, at) => [`mill-${at}`, 'counted', rows]),
  )
  const shown = await run(['show', 'motors'])
  expect(shown.out).toContain('heat')
  expect(shown.out).toContain('1790 rows of 3 devices')
  expect((await run(['ls'])).out).toContain('motors')
  expect((await hub.client.campaign.list({})).rows).toEqual([])
  await expect(hub.client.campaign.get({ name: 'motors' })).rejects.toThrow('no such campaign')
  expect((await run(['create', '-'], FILE)).err).toContain('a survey or campaign of this name exists')
  expect((await run(['stop', 'motors', '--reason', 'late', '--yes'])).err).toContain('the survey is over')
  expect(await filesWith(join(folder, 'hub'), PLANTED)).toEqual([])
  expect(await filesWith(join(folder, 'rows-0'), PLANTED)).not.toEqual([])
})

test('masked counts have the same sum', async () => {
  await hub.client.survey.create({ spec: { ...(await plainSpec()), name: 'masked', privacy: { masks: {} } } })
  const { survey } = await ended('masked')
  expect(survey, survey.reason).toMatchObject({ phase: 'done' })
  expect(survey.result).toEqual(statisticsOf([0, 1, 2], survey.spec))
})

test('with noise, the hub states the spent privacy', async () => {
  const privacy = { noise: { multiplier: 2 } }
  await hub.client.survey.create({ spec: { ...(await plainSpec()), name: 'noisy', privacy } })
  const { survey } = await ended('noisy')
  expect(survey, survey.reason).toMatchObject({ phase: 'done', result: { rows: 1_790, devices: 3 } })
  expect(survey.result?.columns[0]?.counts).not.toEqual(statisticsOf([0, 1, 2], survey.spec).columns[0]?.counts)
  expect(survey.result?.epsilon).toBeGreaterThan(1)
  expect(survey.result?.epsilon).toBeLessThan(5)
})

test(
  'a device that is killed after the exchange of keys is taken out of the masked sum',
  deep('a survey waits for its deadline if a device vanishes'),
  async () => {
    const place = { site: { name: 'hamburg', kind: 'onprem' }, device: 'mill-3', folder } as const
    // It shares its keys, and may read its rows only in an hour that is not now.
    const hour = (new Date().getHours() + 12) % 24
    const window = `${twoDigits(hour)}:00-${twoDigits(hour)}:30`
    const options = ['--training-data', `motors:any=${join(folder, 'rows-1')}`, '--training-when', window]
    const late = await startAgent(hub, { ...place, options })
    agents.push(late)
    const spec = { ...(await plainSpec()), name: 'dropped', deadlineSeconds: 40, privacy: { masks: {} } }
    await until(async () => (await hub.client.survey.create({ spec, dryRun: true })).eligible === 4)
    await hub.client.survey.create({ spec })
    await until(async () => (await hub.client.survey.get({ name: 'dropped' })).survey.stage === 'update')
    await late.kill()
    const { survey, participants } = await ended('dropped')
    expect(survey, survey.reason).toMatchObject({ phase: 'done' })
    expect(participants.map(({ device, state }) => [device, state])).toEqual([
      ['mill-0', 'counted'],
      ['mill-1', 'counted'],
      ['mill-2', 'counted'],
      ['mill-3', 'late'],
    ])
    expect(survey.result).toEqual(statisticsOf([0, 1, 2], survey.spec))
  },
)

const twoDigits = (number: number) => String(number).padStart(2, '0')

/** The declaration of the first survey. */
async function plainSpec() {
  const { seed: _, ...spec } = (await hub.client.survey.get({ name: 'motors' })).survey.spec
  return spec
}
