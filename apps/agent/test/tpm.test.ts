/** The device's key sealed by a TPM: the real agent, Debian's tpm2-tools and swtpm. */
import { once } from 'node:events'
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { removeLeftovers } from '@skerry/platform/files/atomic-file'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { createLog } from '@skerry/platform/process/log'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { filesWith } from '@skerry/testkit/files-below'
import { deep } from '@skerry/testkit/tier'
import { describe, expect, test } from 'vitest'
import { openDeviceKey } from '../src/joining/device-key.ts'
import type { TpmMode } from '../src/options.ts'
import { openTpm, type Tpm } from '../src/tpm/tpm.ts'
import { type AgentProcess, startAgentIn, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'
import { hasTpm, startTpm, type TpmProcess } from './stage/tpm-process.ts'

const log = createLog({ name: 'agent', level: 'silent' })
const { signal } = new AbortController()

const SEALED = 'device-key.sealed.json'

const agentWith = ({ environment }: Pick<TpmProcess, 'environment'>, data: string, ...args: string[]) =>
  startAgentIn(environment, data, ...args)

/** The agent's message when it refuses to start. */
async function lastWords(agent: AgentProcess): Promise<string> {
  expect(await agent.ended).toBe(2)
  return agent.words()
}

/** A device with a model, after its agent was killed. */
async function sealedDevice(tpm: TpmProcess) {
  const hub = await startFakeHub()
  const data = await temporaryFolder()
  await using agent = agentWith(tpm, data, '--tpm', 'required', '--join', hub.token, '--encrypt-models', 'on')
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  await agent.kill()
  return { hub, data }
}

/** Moves a key on a disk that fails from one change on, as if the process was killed. False if nothing failed. */
async function isCut(device: Tpm, { from, to, left }: { from: TpmMode; to: TpmMode; left: string }, failAt: number) {
  const data = await temporaryFolder()
  const open = (tpm: TpmMode | undefined, fileSystem: FileSystem = nodeFileSystem) =>
    openDeviceKey({ data, tpm, tpmPcrs: undefined }, { fileSystem, log, loadTpm: async () => device }, signal)
  const { privateKeyPem } = generateKeyPair()
  await writeFile(join(data, 'device-key.pem'), privateKeyPem, { mode: 0o600 })
  await open(from)
  const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'EIO' })
  expect([undefined, privateKeyPem]).toContain(await open(to, failing.fileSystem).catch(() => undefined))
  // The next start may be without the option, and the one after it with it.
  if (failAt % 2 === 0) expect(await open(undefined)).toBe(privateKeyPem)
  expect(await open(to)).toBe(privateKeyPem)
  await removeLeftovers(nodeFileSystem, data)
  expect(await readdir(data)).toEqual([left])
  if (to !== 'off') expect(await filesWith(data, 'PRIVATE KEY')).toEqual([])
  return failing.hasFailed()
}

describe.skipIf(!hasTpm)('a key that the TPM seals', () => {
  test('is in no file, opens at each start, and opens only with this TPM in this state', async () => {
    await using tpm = await startTpm()
    const { hub, data } = await sealedDevice(tpm)
    await using _hub = hub
    expect(await filesWith(data, 'PRIVATE KEY')).toEqual([])
    expect(await readdir(data)).toContain(SEALED)
    expect((await stat(join(data, SEALED))).mode & 0o777).toBe(0o600)

    const { joins } = hub
    {
      // Without an option the form stays, and the models, which the device's key encrypts, open.
      await using again = agentWith(tpm, data)
      await again.logged('agent_ready')
      await expect.poll(async () => infer(await again.rest())).toMatchObject({ value: 2 })
    }
    expect(hub.joins).toBe(joins)

    const copy = await temporaryFolder()
    await cp(data, copy, { recursive: true })
    await using other = await startTpm()
    await using thief = agentWith(other, copy)
    expect(await lastWords(thief)).toContain('(tpm_foreign)')

    tpm.extend(7)
    await using changed = agentWith(tpm, data)
    const words = await lastWords(changed)
    expect(words).toContain('(tpm_pcrs_changed)')
    expect(words).toContain('--tpm-pcrs none')

    await tpm.stop()
    await using without = agentWith(tpm, data)
    expect(await lastWords(without)).toContain('(tpm_missing)')
    await using noTools = agentWith({ environment: { PATH: '/nowhere' } }, data)
    expect(await lastWords(noTools)).toContain('(tpm_tools_missing)')
    expect(await filesWith(data, 'PRIVATE KEY')).toEqual([])
  })

  test.each([
    { from: 'off', to: 'required', left: SEALED },
    { from: 'required', to: 'off', left: 'device-key.pem' },
  ] as const)(
    'killed at any write on the way from $from to $to, the device keeps its identity',
    deep('a loop over the writes on the way; each start of the TPM takes a second'),
    async (way) => {
      await using tpm = await startTpm()
      const device = openTpm({ ...process.env, ...tpm.environment })
      for (let failAt = 1; await isCut(device, way, failAt); failAt++) expect(failAt).toBeLessThan(50)
    },
  )

  test(
    'for a planned firmware change, the key is unbound before, and bound to the new state afterwards',
    deep('five starts; the first test shows a state that has changed'),
    async () => {
      await using tpm = await startTpm()
      const data = await temporaryFolder()
      const show = async (...args: string[]) => {
        await using agent = agentWith(tpm, data, '--show-key', ...args)
        const code = await agent.ended
        return { code, words: agent.words(), kept: await readFile(join(data, SEALED), 'utf8') }
      }
      const made = await show('--tpm', 'required')
      expect(made).toMatchObject({ code: 0, kept: expect.stringContaining('"pcrs":[7]') })
      const before = await show('--tpm-pcrs', 'none')
      expect(before).toMatchObject({ code: 0, kept: expect.stringContaining('"pcrs":[]') })
      tpm.extend(7)
      expect(await show()).toEqual(before)
      expect(await show('--tpm-pcrs', '0,7')).toMatchObject({ code: 0, kept: expect.stringContaining('"pcrs":[0,7]') })
      tpm.extend(0)
      expect(await show()).toMatchObject({ code: 2, words: expect.stringContaining('(tpm_pcrs_changed)') })
    },
  )

  test('a wipe deletes the sealed key, too', deep('wipe.test.ts shows a wipe; this one adds the TPM'), async () => {
    await using tpm = await startTpm()
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    await using agent = agentWith(tpm, data, '--tpm', 'required', '--join', hub.token)
    await agent.logged('agent_ready')
    const ended = once(agent.child, 'exit')
    hub.answers.wipe = true
    hub.disconnect()
    expect(await ended).toEqual([0, null])
    expect(await readdir(data)).toEqual(['lock.sqlite', 'wiped.json'])
  })
})

test('without a TPM, auto creates a file, and required creates none and says why', async () => {
  const data = await temporaryFolder()
  const environment = { TPM2TOOLS_TCTI: 'device:/nowhere', PATH: hasTpm ? process.env.PATH : '/nowhere' }
  await using required = agentWith({ environment }, data, '--show-key', '--tpm', 'required')
  expect(await lastWords(required)).toContain(hasTpm ? '(tpm_missing)' : '(tpm_tools_missing)')
  expect((await readdir(data)).filter((name) => name.includes('key'))).toEqual([])
  await using auto = agentWith({ environment }, data, '--show-key', '--tpm', 'auto')
  expect(await once(auto.child, 'exit')).toEqual([0, null])
  expect((await stat(join(data, 'device-key.pem'))).mode & 0o777).toBe(0o600)
})

test('an agent that is stopped while a TPM does not answer ends at once, with success', async () => {
  const data = await temporaryFolder()
  const tools = await temporaryFolder()
  const asked = join(tools, 'asked')
  await writeFile(join(tools, 'tpm2_flushcontext'), `#!/bin/sh\n: > ${asked}\nexec sleep 25\n`, { mode: 0o755 })
  const environment = { PATH: `${tools}:${process.env.PATH}` }
  await using agent = agentWith({ environment }, data, '--show-key', '--tpm', 'required')
  const ended = once(agent.child, 'exit')
  await expect.poll(() => nodeFileSystem.stat(asked)).toBeDefined()
  agent.child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect((await readdir(data)).filter((name) => name.includes('key'))).toEqual([])
})
