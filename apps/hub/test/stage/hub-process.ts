/** The hub as a separate process, for tests that end it abruptly. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { databaseUrlFor } from './test-database.ts'

export type HubProcess = AsyncDisposable & {
  child: ChildProcess
  url: string
  ownerKey: string
  caPem: string
  /** Resolves with the exit code, or the name of the signal. */
  ended: Promise<number | string>
  ask<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Body }>
  /** Sends bytes instead of JSON. */
  send(path: string, bytes: Uint8Array): Promise<{ status: number; body: Record<string, unknown> }>
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

/** Runs the program to its end, for cases in which it must not keep running. The test may end it meanwhile. */
export async function runToEnd(
  args: readonly string[],
  meanwhile?: (child: ChildProcess) => Promise<unknown>,
): Promise<{ code: number | string; stderr: string; stdout: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  const ended = endOf(child)
  await meanwhile?.(child)
  return { code: await ended, stderr, stdout }
}

/** Starts a hub on the folder, and waits until it is ready. */
export async function startHubProcess(data: string, args: readonly string[] = []): Promise<HubProcess> {
  const keyFile = join(data, '..', 'owner-key')
  const child = spawn(
    process.execPath,
    [MAIN, '--data', data, '--listen', '127.0.0.1:0', '--owner-key-file', keyFile, ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DATABASE_URL: (await databaseUrlFor(data)) ?? '' },
    },
  )
  const ended = endOf(child)
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${String(chunk)}`.slice(-4_000)
  })
  const url = await Promise.race([
    readyUrl(child),
    ended.then((code) => {
      throw new Error(`the hub ended with ${code} before it was ready: ${stderr}`)
    }),
  ])
  const ownerKey = (await readFile(keyFile, 'utf8')).trim()
  const caPem =
    /-----BEGIN CERTIFICATE-----[\s\S]+/.exec(await readFile(join(data, 'authority.pem'), 'utf8'))?.[0] ?? ''
  const call = (method: string, path: string, headers: Record<string, string>, payload?: string | Uint8Array) =>
    ask({ url: `${url}${path}`, method, caPem, headers: { authorization: `Bearer ${ownerKey}`, ...headers } }, payload)
  return {
    child,
    url,
    ownerKey,
    caPem,
    ended,
    ask: (method, path, body) =>
      call(
        method,
        path,
        body === undefined ? {} : { 'content-type': 'application/json' },
        body === undefined ? undefined : JSON.stringify(body),
      ) as ReturnType<HubProcess['ask']> as never,
    send: (path, bytes) => call('PATCH', path, { 'content-type': 'application/octet-stream' }, bytes),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const endOf = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')))

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (!child.stderr) throw new Error('the child has no standard error')
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.includes('hub_ready')) return
      resolve((JSON.parse(line) as { url: string }).url)
    })
  })
}

type Target = { url: string; method: string; caPem: string; headers: Record<string, string> }

function ask({ url, method, caPem, headers }: Target, payload?: string | Uint8Array) {
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const outgoing = request(url, { method, ca: caPem, agent: false, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const isJson = String(incoming.headers['content-type']).includes('json')
        resolve({
          status: incoming.statusCode ?? 0,
          body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}
