/** The Model Context Protocol across processes: a hub, and `skerry mcp` as an assistant starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Fleet, openFleet } from '../stage/fleet.ts'

const BIN = fileURLToPath(new URL('../../bin/skerry.mjs', import.meta.url))

type Reply = { id: number; result: Record<string, unknown>; error?: { code: number; message: string } }

/** An assistant: it starts the command, and speaks one line at a time. */
function openAssistant({ folder, hub }: Fleet, key: string) {
  const env = { SKERRY_HOME: folder, SKERRY_HUB: hub.url, SKERRY_KEY: key, SKERRY_CA_FILE: hub.authorityPath }
  const child = spawn(process.execPath, [BIN, 'mcp'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let err = ''
  child.stderr.on('data', (piece) => {
    err += piece
  })
  let count = 0
  const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const request = async (method: string, params: object = {}): Promise<Reply> => {
    count += 1
    say({ id: count, method, params })
    const { value, done } = await lines.next()
    if (done) throw new Error(`the server ended: ${err}`)
    return JSON.parse(value)
  }
  return {
    say,
    request,
    async call(name: string, input: object = {}) {
      const { result, error } = await request('tools/call', { name, arguments: input })
      if (error) return error
      const [{ text }] = result.content as [{ text: string }]
      return { isError: result.isError, value: JSON.parse(text) }
    },
    /** Closes the input, as an assistant does at its end. */
    async end() {
      child.stdin.end()
      const [code] = await exited
      return { code, rest: await lines.next(), err }
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test('an assistant reads devices with the permissions of its key, and finds no tool that changes anything', async () => {
  await using fleet = await openFleet()
  const { client } = fleet.hub
  await client.site.apply({ name: 'lab', kind: 'edge' })
  await client.ddi.add({ name: 'press-7', site: 'lab' })
  const { secret } = await client.key.create({ name: 'assistant', role: 'viewer' })
  using assistant = openAssistant(fleet, secret)

  const clientInfo = { name: 'test', version: '1' }
  const begun = await assistant.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
  expect(begun.result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'skerry' } })
  assistant.say({ method: 'notifications/initialized' })
  const { tools } = (await assistant.request('tools/list')).result as { tools: { name: string }[] }
  const names = tools.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['device_list', 'device_get', 'rollout_list', 'secret_list']))
  expect(names).not.toContain('device_revoke')

  const devices = await assistant.call('device_list', { site: 'lab', limit: 10 })
  expect(devices).toMatchObject({ isError: false, value: { rows: [{ name: 'press-7', site: 'lab' }] } })
  expect(await assistant.call('device_get', { device: 'press-8' })).toMatchObject({
    isError: true,
    value: { code: 'device_unknown', message: expect.any(String), next: expect.any(String) },
  })
  expect(await assistant.call('secret_list')).toMatchObject({
    isError: true,
    value: { code: 'permission_denied', next: expect.any(String) },
  })
  expect(await assistant.call('device_revoke', { device: 'press-7', reason: 'x' })).toMatchObject({ code: -32_602 })
  expect(await client.device.get({ device: 'press-7' })).toMatchObject({ name: 'press-7' })

  const { code, rest, err } = await assistant.end()
  expect([code, rest.done], err).toEqual([0, true])
  const logged = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(
    logged.filter(({ event }) => event === 'tool_called').map(({ tool, code: outcome }) => [tool, outcome]),
  ).toEqual([
    ['device_list', 'ok'],
    ['device_get', 'device_unknown'],
    ['secret_list', 'permission_denied'],
  ])
  expect(err, 'the log has no key').not.toContain(secret)
})
