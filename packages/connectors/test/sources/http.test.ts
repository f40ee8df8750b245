/** HTTP against Python's own server: values, times, what is not there, who is not let in, and a machine that is slow or gone. */
import { HttpSource } from '@skerry/contract/sources/source'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpMachine, hasPython, startHttpMachine } from '../stage/http-machine.ts'
import { openStage, type Stage } from '../stage/stage.ts'

describe.skipIf(!hasPython)('http', () => {
  let machine: HttpMachine
  beforeAll(async () => {
    machine = await startHttpMachine()
  })
  afterAll(() => machine[Symbol.asyncDispose]())

  const sourceOf = (path: string, tags: object[], connection: object = {}) =>
    HttpSource.parse({
      name: 'oven',
      protocol: 'http',
      connection: { timeoutMs: 500, ...connection },
      groups: [{ name: 'all', everyMs: 50, url: `${machine.url}${path}`, tags }],
    })

  /** Where an answer is expected, however busy the machine. */
  const PATIENT = { timeoutMs: 60_000 }
  const STEADY = { name: 'tag', path: 'steady' }

  async function told(path: string, connection: object = {}, secrets: Record<string, string> = {}) {
    await using stage = openStage(sourceOf(path, [STEADY], connection), { secrets })
    await stage.until(() => stage.newest('tag') !== undefined)
    return stage.newest('tag')
  }

  test('reads what stands at a path, with the time of the equipment, and says what does not', async () => {
    const tags = [
      { name: 'timed', path: 'steady', time: { path: 'at', unit: 'iso' } },
      { name: 'absent', path: 'nothing' },
      { name: 'deep', path: 'deep' },
    ]
    await using stage = openStage(sourceOf('/', tags))
    await stage.until(() => stage.count('deep') > 1)
    expect(stage.newest('timed')).toMatchObject({ value: 3.25, sourceTimeMs: Date.parse('2026-11-27T03:00:00Z') })
    expect(stage.newest('absent')).toMatchObject({ quality: 'bad', cause: { code: 'value_missing' } })
    expect(stage.newest('deep')).toMatchObject({ quality: 'bad', cause: { code: 'value_type' } })
  })

  test(
    'it says what its answers have in them, and each place leads to a tag that reads it',
    deep('browsing is shown by the webhook in the quick tier'),
    async () => {
      const look = async (stage: Stage, path = '') => {
        const answer = await stage.host.browse(path)
        return answer.ok ? answer.entries : expect.unreachable(answer.message)
      }
      await using one = openStage(sourceOf('/', [STEADY], PATIENT))
      await one.until(() => one.count('tag') > 0)
      const top = await look(one)
      expect(top).toContainEqual({ path: 'steady', label: 'steady = 3.25', isFolder: false, tag: { path: 'steady' } })
      expect(top.find(({ path }) => path === 'deep')).toMatchObject({ isFolder: true })
      const { groups, ...rest } = sourceOf('/', [STEADY], PATIENT)
      const other = { ...sourceOf('/busy', [{ ...STEADY, name: 'other' }], PATIENT).groups[0], name: 'other' }
      await using several = openStage(HttpSource.parse({ ...rest, groups: [...groups, other] }))
      await several.until(() => several.count('tag') > 0)
      expect((await look(several)).map(({ path }) => path)).toEqual(['all:', 'other:'])
      const [deep] = (await look(several, 'all:')).filter(({ path }) => path === 'all:deep')
      const [below] = await look(several, deep?.path)
      await using found = openStage(sourceOf('/', [{ name: 'tag', ...below?.tag }], PATIENT))
      await found.until(() => found.newest('tag')?.quality === 'good')
      expect(await several.host.browse('other:')).toMatchObject({
        code: 'browse_failed',
        message: expect.stringContaining('HTTP 503'),
      })
      expect(await look(several, 'nothing')).toEqual([])
    },
  )

  test.each([
    ['/busy', 'equipment_busy'],
    ['/gone', 'address_unknown'],
    ['/text', 'value_type'],
    ['/slow', 'source_silent'],
    ['/locked', 'source_refused'],
  ])('%s is %s', async (path, code) => {
    expect(await told(path)).toMatchObject({ quality: 'bad', cause: { code } })
  })

  test('an answer that is too long is given up', async () => {
    const value = await told('/long', { bytesMax: 1_024 })
    expect(value).toMatchObject({ cause: { message: expect.stringContaining('more than 1024 bytes') } })
  })

  test('secrets let us in, as a bearer or as a header', async () => {
    expect(await told('/locked', { bearer: { secret: 'key' } }, { key: 'right' })).toMatchObject({ value: 3.25 })
    expect(await told('/locked', { bearer: { secret: 'key' } }, { key: 'wrong' })).toMatchObject({ quality: 'bad' })
    const headers = { Authorization: { secret: 'all' } }
    expect(await told('/locked', { headers }, { all: 'Bearer right' })).toMatchObject({ value: 3.25 })
  })

  test('what has not changed is not sent again', deep('saves traffic, and changes no value that is told'), async () => {
    await using stage = openStage(sourceOf('/etag', [STEADY]))
    await stage.until(() => stage.count('tag') > 3)
    expect(stage.newest('tag')).toMatchObject({ quality: 'good', value: 3.25 })
    await using other = openStage(sourceOf('/', [{ name: 'again', path: 'again' }]))
    await other.until(() => other.count('again') > 0)
    expect(other.newest('again')).not.toMatchObject({ value: 0 })
  })

  test('a write is done when the equipment says so', async () => {
    const command = { url: `${machine.url}/setpoint`, payload: '{"to": {{value}}}' }
    const tags = [
      { name: 'setpoint', path: 'setpoint', scale: 0.1, write: {}, command },
      { name: 'other', path: 'steady', write: {}, command },
      { name: 'refused', path: 'steady', write: {}, command: { url: `${machine.url}/refuse` } },
    ]
    await using stage = openStage(sourceOf('/', tags))
    await stage.until(() => stage.count('refused') > 0)
    expect(await stage.host.write('setpoint', 21.5)).toEqual({ ok: true })
    expect(await stage.host.write('other', 7)).toMatchObject({ ok: false, code: 'write_unverified' })
    expect(await stage.host.write('refused', 7)).toMatchObject({ ok: false, code: 'write_refused' })
  })

  test('a machine that is gone makes every tag bad, told once', async () => {
    const own = await startHttpMachine()
    const source = sourceOf('/', [STEADY])
    const there = HttpSource.parse({ ...source, groups: source.groups.map((group) => ({ ...group, url: own.url })) })
    await using stage = openStage(there)
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    await own[Symbol.asyncDispose]()
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 2)
    expect(stage.newest('tag')).toMatchObject({ cause: { code: 'source_unreachable' } })
  })
})
