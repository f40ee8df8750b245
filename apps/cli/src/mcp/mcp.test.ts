/** The Model Context Protocol without a hub: versions, tools, errors, cancellation, limits, and the lines of the transport. */
import { PassThrough, Readable } from 'node:stream'
import { createClient, type SkerryClient } from '@skerry/client/client'
import { api } from '@skerry/contract/api'
import { createLog } from '@skerry/platform/process/log'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { ANSWER_CHARACTERS_MAX, CALLS_MAX, type McpServer, openMcpServer } from './mcp-server.ts'
import { type ReadTool, readTools, toolNouns } from './read-tools.ts'
import { LINE_CHARACTERS_MAX, runMcp } from './run-mcp.ts'

type Reply = { id: unknown; result?: Record<string, unknown>; error?: { code: number; message: string } }

const client: SkerryClient = createClient({ hub: 'https://hub.invalid' })
const log = createLog({ name: 'test', level: 'silent' })
const unending = new AbortController().signal

const serverOf = (tools: readonly ReadTool[] = readTools): McpServer =>
  openMcpServer({ client, tools, version: '1.2.3', nowMs: () => 0, log })

const toolOf = (name: string, call: ReadTool['call']): ReadTool => ({
  name,
  noun: 'test',
  describe: () => ({ name }),
  call,
})

async function send(server: McpServer, message: unknown): Promise<Reply | Reply[] | undefined> {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const line = await server.receive(text, unending)
  return line === undefined ? undefined : JSON.parse(line)
}

const request = (id: unknown, method: string, params?: unknown) => ({ jsonrpc: '2.0', id, method, params })
const initialize = (protocolVersion = '2025-06-18') =>
  request(0, 'initialize', {
    protocolVersion,
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  })

async function begun(tools?: readonly ReadTool[], version?: string): Promise<McpServer> {
  const server = serverOf(tools)
  await send(server, initialize(version))
  return server
}

/** The text of the answer of a tool, as the model reads it. */
async function callTool(server: McpServer, id: unknown, name: string, input?: unknown) {
  const reply = (await send(server, request(id, 'tools/call', { name, arguments: input }))) as Reply
  const { content, isError } = reply.result as { content: { type: string; text: string }[]; isError: boolean }
  return { isError, value: JSON.parse(content[0]?.text ?? '') }
}

test.each([
  ['2025-06-18', '2025-06-18'],
  ['2025-03-26', '2025-03-26'],
  ['2024-11-05', '2024-11-05'],
  ['2099-01-01', '2025-06-18'],
])('a client that requests version %s gets %s', async (wanted, given) => {
  const reply = await send(serverOf(), initialize(wanted))
  expect(reply).toMatchObject({
    jsonrpc: '2.0',
    id: 0,
    result: { protocolVersion: given, capabilities: { tools: {} }, serverInfo: { name: 'skerry', version: '1.2.3' } },
  })
})

test.each([
  ['no JSON', '{', null, -32_700],
  ['no message', { hello: 1 }, null, -32_600],
  ['an id of null', request(null, 'ping'), null, -32_600],
  ['an unknown method', request(3, 'resources/list'), 3, -32_601],
  ['a version that is missing', request(4, 'initialize', {}), 4, -32_602],
  ['a second beginning', initialize(), 0, -32_600],
  ['a list of messages in the newest version', [request(5, 'ping')], null, -32_600],
  ['a cursor that nobody gave', request(6, 'tools/list', { cursor: 'x' }), 6, -32_602],
  ['a call without a name', request(7, 'tools/call', {}), 7, -32_602],
  ['a tool that changes something', request(8, 'tools/call', { name: 'device_revoke' }), 8, -32_602],
])('%s is an error of the protocol', async (_, message, id, code) => {
  expect(await send(await begun(), message)).toMatchObject({ jsonrpc: '2.0', id, error: { code } })
})

test('before initialize only ping has an answer, and notifications and answers never have one', async () => {
  const server = serverOf()
  expect(await send(server, request('a', 'ping'))).toEqual({ jsonrpc: '2.0', id: 'a', result: {} })
  expect(await send(server, request(1, 'tools/list'))).toMatchObject({ error: { code: -32_600 } })
  expect(await send(server, { jsonrpc: '2.0', method: 'notifications/initialized' })).toBeUndefined()
  expect(await send(server, { jsonrpc: '2.0', id: 9, result: {} })).toBeUndefined()
})

test('version 2025-03-26 has lists of messages', async () => {
  const server = await begun(undefined, '2025-03-26')
  const note = { jsonrpc: '2.0', method: 'notifications/initialized' }
  expect(await send(server, [request(1, 'ping'), note, request(2, 'ping')])).toMatchObject([{ id: 1 }, { id: 2 }])
  expect(await send(server, [note])).toBeUndefined()
  expect(await send(server, [])).toMatchObject({ error: { code: -32_600 } })
})

test('the tools are the reads of the API, and nothing that changes, is audited, streams or signs in', () => {
  const names = readTools.map(({ name }) => name)
  const methods = new Map(
    Object.entries(api).flatMap(([noun, group]) =>
      Object.entries(group).map(([verb, procedure]): [string, string] => {
        const { method = '' } = procedure['~orpc'].route as { method?: string }
        return [`${noun}_${verb}`.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), method]
      }),
    ),
  )
  expect(names.filter((name) => methods.get(name) !== 'GET')).toEqual([])
  expect(new Set(names).size).toBe(names.length)
  for (const name of ['device_list', 'model_get_version', 'deployment_explain', 'hub_me', 'audit_list'])
    expect(names).toContain(name)
  for (const name of ['device_revoke', 'capture_rows', 'device_logs', 'hub_watch', 'account_show', 'access_recording'])
    expect(names).not.toContain(name)
  expect(toolNouns).toContain('rollout')
})

test('each tool has a schema of its arguments, and a name that every client accepts', async () => {
  const reply = (await send(await begun(), request(1, 'tools/list'))) as Reply
  const tools = reply.result?.tools as { name: string; description: string; inputSchema: object }[]
  expect(tools).toHaveLength(readTools.length)
  for (const tool of tools) {
    expect(tool.name).toMatch(/^[a-z][a-z0-9_]{1,63}$/)
    expect(tool).toMatchObject({ inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } })
  }
  // The list is a part of each conversation; docs/guide/assistants.md states some 50,000 characters.
  expect(JSON.stringify(tools).length).toBeLessThan(65_000)
  expect(tools.find(({ name }) => name === 'device_get')).toMatchObject({
    description: 'Show a device with everything it reports. Needs the permission fleet.read.',
    inputSchema: { required: ['device'], properties: { device: {} }, additionalProperties: false },
  })
})

test('wrong arguments are rejected with the field, before the hub gets a request', async () => {
  const { isError, value } = await callTool(await begun(), 1, 'device_list', { limit: 'many' })
  expect(isError).toBe(true)
  expect(value).toMatchObject({
    code: 'input_invalid',
    next: expect.any(String),
    data: { issues: [{ path: ['limit'] }] },
  })
})

test('a hub that does not answer is an error of the call, and the session continues', async () => {
  const server = await begun()
  const { isError, value } = await callTool(server, 1, 'hub_me')
  expect([isError, value.code, value.next]).toEqual([true, 'hub_unreachable', 'check its address and that it runs'])
  expect(await send(server, request(2, 'ping'))).toMatchObject({ result: {} })
})

test('an answer up to the limit passes, and a longer one is rejected with the next step', async () => {
  // Two characters are the quotation marks of the JSON.
  const sized = (size: number) => toolOf(`size_${size}`, async () => 'x'.repeat(size - 2))
  const server = await begun([sized(ANSWER_CHARACTERS_MAX), sized(ANSWER_CHARACTERS_MAX + 1)])
  expect((await callTool(server, 1, `size_${ANSWER_CHARACTERS_MAX}`)).isError).toBe(false)
  const { isError, value } = await callTool(server, 2, `size_${ANSWER_CHARACTERS_MAX + 1}`)
  expect(isError).toBe(true)
  expect(value).toMatchObject({ code: 'tool_answer_too_large', next: expect.stringContaining('limit') })
})

/** A tool that waits until its signal fires; it collects the signals. */
function waitingTool() {
  const signals: AbortSignal[] = []
  const tool = toolOf('wait', (_client, _input, signal) => {
    signals.push(signal)
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  return { tool, signals }
}

test('a cancelled call ends at the hub and has no answer; others continue', async () => {
  const { tool, signals } = waitingTool()
  const server = await begun([tool])
  const call = send(server, request('slow', 'tools/call', { name: 'wait' }))
  expect(await send(server, request('slow', 'tools/call', { name: 'wait' }))).toMatchObject({
    error: { code: -32_600 },
  })
  const cancel = (requestId: unknown) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
  await send(server, cancel('other'))
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  expect(await send(server, cancel('slow'))).toBeUndefined()
  expect(await call).toBeUndefined()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('more calls at once than the limit are rejected, and the next one after an end passes', async () => {
  const { tool } = waitingTool()
  const quick = toolOf('quick', async () => 'done')
  const server = await begun([tool, quick])
  const calls = Array.from({ length: CALLS_MAX }, (_, id) => send(server, request(id, 'tools/call', { name: 'wait' })))
  expect((await callTool(server, 'more', 'quick')).value.code).toBe('tool_calls_too_many')
  await send(server, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } })
  await calls[3]
  expect(await callTool(server, 'more', 'quick')).toEqual({ isError: false, value: 'done' })
})

async function linesAfter(input: Readable, tools?: readonly ReadTool[]): Promise<Reply[]> {
  const stdout = new PassThrough()
  await runMcp({ stdin: input, stdout }, serverOf(tools), unending)
  const text = String(stdout.read() ?? '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('lines may come in pieces, a letter may be cut, and the last one needs no end', async () => {
  const bytes = Buffer.from(`${JSON.stringify(request('ö', 'ping'))}\r\n\n${JSON.stringify(request(2, 'ping'))}`)
  const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
  expect((await linesAfter(Readable.from(pieces))).map(({ id }) => id)).toEqual(['ö', 2])
})

test('a line that is too long is rejected, however it arrives, and the next one has an answer', async () => {
  const long = 'x'.repeat(LINE_CHARACTERS_MAX + 1)
  const next = `${JSON.stringify(request(1, 'ping'))}\n`
  for (const pieces of [[`${long}\n${next}`], [long, long, `x\n`, next], [`${next}${long}`, long]]) {
    const replies = await linesAfter(Readable.from(pieces.map((piece) => Buffer.from(piece))))
    const isEnded = pieces[0]?.startsWith('{') === true
    expect(replies.map(({ id }) => id)).toEqual(isEnded ? [1] : [null, 1])
  }
})

test('after the end of the input, running calls have their answers; a signal ends them without', async () => {
  const quick = toolOf('quick', async () => 'done')
  const text = [initialize(), request(1, 'tools/call', { name: 'quick' })].map((one) => JSON.stringify(one)).join('\n')
  expect((await linesAfter(Readable.from([Buffer.from(text)]), [quick])).map(({ id }) => id)).toEqual([0, 1])

  const { tool, signals } = waitingTool()
  const stopping = new AbortController()
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const running = runMcp({ stdin, stdout }, serverOf([tool]), stopping.signal)
  stdin.write(`${JSON.stringify(initialize())}\n${JSON.stringify(request(1, 'tools/call', { name: 'wait' }))}\n`)
  await until(() => signals[0], { what: 'a running call' })
  stopping.abort()
  await running
  expect(String(stdout.read()).split('\n')).toHaveLength(2)
})
