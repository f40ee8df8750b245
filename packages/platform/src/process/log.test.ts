import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createLog, type LogFields } from './log.ts'

/** What the log makes of one event. */
function lineOf(fields?: LogFields): Record<string, unknown> {
  const lines: string[] = []
  const log = createLog({ name: 'hub', level: 'debug', destination: { write: (line) => void lines.push(line) } })
  log.info('rollout_offered', fields)
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? '')
}

test('writes the event and its fields as one JSON line', () => {
  const line = lineOf({ deviceId: 'dev_1', sizeBytes: 3n, at: new Date(0), tags: ['a', 1, null] })
  expect(line).toMatchObject({
    level: 'info',
    name: 'hub',
    pid: process.pid,
    event: 'rollout_offered',
    deviceId: 'dev_1',
  })
  expect(line).toMatchObject({ sizeBytes: '3', at: '1970-01-01T00:00:00.000Z', tags: ['a', 1, null] })
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('writes no secret, at any depth, by name or by form', () => {
  const secret = 'hunter2-hunter2-hunter2'
  const line = lineOf({
    password: secret,
    joinToken: secret,
    nested: [{ headers: { Authorization: secret, cookie: secret, 'x-api-key': secret } }],
    privateKeyPem: secret,
    text: `header was "Bearer ${secret}"`,
    url: `https://hub/?x=1`,
    pem: `before\n-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\nafter`,
    error: new Error(`failed with Bearer ${secret}`, { cause: { apiKey: secret } }),
    tokenId: 'tok_1',
    line: `skerry login sk_${secret}`,
  })
  expect(JSON.stringify(line)).not.toContain(secret)
  expect(line).toMatchObject({ password: '[redacted]', tokenId: 'tok_1', url: 'https://hub/?x=1' })
  expect(line.pem).toBe('before\n[redacted]\nafter')
})

test('writes errors with their causes and codes', () => {
  const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  const line = lineOf({ error: new Error('writing x', { cause }) })
  expect(line).toMatchObject({ error: { message: 'writing x', cause: { message: 'no space', code: 'ENOSPC' } } })
  expect(JSON.stringify(line)).toContain('log.test.ts')
})

test('stays small and does not fall over', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle.self = cycle
  const line = lineOf({
    cycle,
    long: 'x'.repeat(100_000),
    blob: new Uint8Array(1e6),
    many: Array(10_000).fill('y'),
    run: () => 1,
    level: 'mine',
  })
  expect(JSON.stringify(line).length).toBeLessThan(20_000)
  expect(line).toMatchObject({ blob: '[1000000 bytes]', run: '[function]' })
})

test('keeps to its level, and a child adds its fields', () => {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ name: 'agent', level: 'warn', destination })
  log.debug('a')
  log.info('b')
  log.child({ site: 'plant', token: 'x' }).warn('c')
  log.error('d')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'c', site: 'plant', token: '[redacted]' },
    { event: 'd' },
  ])
  createLog({ name: 'agent', level: 'silent', destination }).error('e')
  expect(lines).toHaveLength(2)
})

test('the last line before a violent end is written', () => {
  const script = `
    const { createLog } = await import(${JSON.stringify(new URL('./log.ts', import.meta.url).href)})
    const log = createLog({ name: 'x', destination: 1 })
    for (let i = 0; i < 5000; i++) log.info('tick', { i, pad: 'x'.repeat(50) })
    log.error('last')
    process.kill(process.pid, 'SIGKILL')`
  const args = ['--input-type=module', '-e', script]
  const { stdout, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e8 })
  const lines = stdout.trim().split('\n')
  expect([signal, lines.length]).toEqual(['SIGKILL', 5001])
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'last', level: 'error' })
})
