/** Models encrypted on the disk of a real agent: nothing of them in clear, whatever it is doing, and whenever it is killed. */
import { once } from 'node:events'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSecretKey } from '@skerry/platform/sealing/secret-box'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { externalTimesFiles, infer } from './stage/models.ts'

const PLANTED = 'PLANTED-BYTES-OF-A-MODEL'

/** A model with weights beside it, and something large that would be found wherever it lay. */
const files = (factor: number) => ({
  ...externalTimesFiles(factor),
  'side.bin': Buffer.alloc(3_000_000, `${PLANTED}-${factor}-`),
})

/** What only a model of ours has in it: its operator, its weights' name, its golden cases, and what was planted. */
const TELLTALES = [PLANTED, 'weights/factor.bin', '"tolerance"']

/** Every file of the folder, hidden and temporary ones too, in which something of a model can be read. */
async function inClear(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const isOurs = entry.isFile() && !path.startsWith(join(folder, 'agent.sqlite')) && !path.includes('/compiled/')
    // The agent is at work: what is gone by now is not in clear.
    const bytes = isOurs ? await readFile(path).catch(() => Buffer.alloc(0)) : Buffer.alloc(0)
    if (TELLTALES.some((text) => bytes.includes(text))) found.push(path.slice(folder.length))
  }
  return found
}

test('nothing of a model is in clear on the disk, while it is fetched, cut, served, replaced and served again without a hub', async () => {
  const hub = await startFakeHub()
  const data = await temporaryFolder()
  const start = () => startAgent(data, '--join', hub.token, '--encrypt-models', 'on')
  hub.answers.cutAfterBytes = 700_000
  hub.desire(hub.publish({ version: 1, files: files(2) }))
  {
    await using agent = start()
    await hub.item('m', ({ state }) => state === 'active')
    expect(hub.downloads.filter(({ start: from }) => from > 0).length, 'it went on after cuts').toBeGreaterThan(0)
    expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
    expect(await inClear(data)).toEqual([])
    hub.desire(hub.publish({ version: 2, files: files(3) }))
    await hub.item('m', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await infer(await agent.rest())).toMatchObject({ value: 3 })
    expect(await inClear(data)).toEqual([])
  }
  await hub[Symbol.asyncDispose]()
  // As it was when it was last told, and with nobody to ask: without the option, models stay as they are.
  await using alone = startAgent(data)
  await expect.poll(async () => infer(await alone.rest())).toMatchObject({ status: 200, value: 3 })
  expect(await inClear(data)).toEqual([])
})

test(
  'killed again and again while models are encrypted and decrypted, it serves, and ends in one form',
  deep('eighteen kills; the test above shows both forms of the files'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    hub.desire(hub.publish({ version: 1, files: files(2) }))
    {
      await using _ = startAgent(data, '--join', hub.token)
      await hub.item('m', ({ state }) => state === 'active')
      expect((await inClear(data)).length).toBeGreaterThan(2)
    }
    for (const wish of ['on', 'off', 'on']) {
      for (const waitMs of [0, 5, 20, 60, 150]) {
        await using agent = startAgent(data, '--encrypt-models', wish)
        await agent.logged('agent_started')
        await new Promise((resolve) => setTimeout(resolve, waitMs))
        await agent.kill()
      }
      await using agent = startAgent(data, '--encrypt-models', wish)
      await expect.poll(async () => infer(await agent.rest())).toMatchObject({ value: 2 })
      const isIn = async () => (await inClear(data)).length === 0
      await expect.poll(isIn).toBe(wish === 'on')
      expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
    }
  },
)

test(
  'a copied disk serves nobody without the key that was kept elsewhere, and the device itself goes on when it is back',
  deep('the key file of src/sealing/open-sealing.test.ts, with a real agent'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const keys = await temporaryFolder()
    const stolen = await temporaryFolder()
    const sealKey = join(keys, 'seal-key')
    await writeFile(sealKey, Buffer.from(generateSecretKey()).toString('base64'), { mode: 0o600 })
    const document = hub.desire(hub.publish({ version: 1, files: files(2) }))
    {
      await using _ = startAgent(data, '--join', hub.token, '--seal-key', sealKey)
      await hub.item('m', ({ state }) => state === 'active')
      expect(await inClear(data)).toEqual([])
    }
    const { downloads } = hub
    await cp(data, stolen, { recursive: true })
    const count = downloads.length
    {
      await using thief = startAgent(stolen)
      const report = await hub.reported('the key missing', ({ conditions }) =>
        conditions.some(({ code }) => code === 'model_key_refused'),
      )
      expect(report.observedGeneration).toBe(document.generation)
      expect(await infer(await thief.rest())).not.toMatchObject({ status: 200 })
    }
    expect(downloads.length, 'nothing is fetched in the place of what is only locked').toBe(count)
    await using back = startAgent(data, '--seal-key', sealKey)
    await expect.poll(async () => infer(await back.rest())).toMatchObject({ value: 2 })
  },
)

test(
  'wiping destroys the key first: what the wipe has not come to is nothing to anybody',
  deep('wipe.test.ts shows a wipe; this one looks at the key'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    hub.desire(hub.publish({ version: 1, files: files(2) }))
    await using agent = startAgent(data, '--join', hub.token, '--encrypt-models', 'on')
    await hub.item('m', ({ state }) => state === 'active')
    const copy = await temporaryFolder()
    await cp(join(data, 'sealed'), join(copy, 'sealed'), { recursive: true })
    const ended = once(agent.child, 'exit')
    hub.answers.wipe = true
    hub.disconnect()
    expect(await ended).toEqual([0, null])
    expect(await readdir(data)).toEqual(['lock.sqlite', 'wiped.json'])
    expect(await inClear(copy)).toEqual([])
  },
)

test(
  'a new key is made while the agent is down, and models move to it while it serves',
  deep('four starts; src/sealing/model-key.test.ts rotates keys'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    hub.desire(hub.publish({ version: 1, files: files(2) }))
    {
      await using _ = startAgent(data, '--join', hub.token, '--encrypt-models', 'on')
      await hub.item('m', ({ state }) => state === 'active')
    }
    const keyFile = join(data, 'model-key.json')
    const idsOf = async (): Promise<string[]> =>
      JSON.parse(await readFile(keyFile, 'utf8')).keys.map(({ id }: { id: string }) => id)
    const [old] = await idsOf()
    const rotating = startAgent(data, '--rotate-model-key')
    expect(await once(rotating.child, 'exit')).toEqual([0, null])
    expect(await idsOf()).toEqual([expect.not.stringMatching(String(old)), old])
    await using agent = startAgent(data)
    await expect.poll(async () => infer(await agent.rest())).toMatchObject({ value: 2 })
    await expect.poll(idsOf).toEqual([expect.not.stringMatching(String(old))])
    await agent.kill()
    await rm(join(data, 'lock.sqlite-journal'), { force: true })
    await using again = startAgent(data)
    await expect.poll(async () => infer(await again.rest())).toMatchObject({ value: 2 })
    expect(await inClear(data)).toEqual([])
  },
)
