/** The client of the API, with an API that fails in all ways. */
import { writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@skerry/platform/process/clock'
import { afterEach, expect, test } from 'vitest'
import { ClusterGone, ClusterRefused, openCluster } from './cluster.ts'

const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }
const { signal } = new AbortController()
let server: Server | undefined
afterEach(() => server?.close())

/** Answers one request after the other, and the last answer again and again. */
async function clusterThat(...answers: ((response: ServerResponse) => void)[]) {
  const paths: string[] = []
  server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`)
    answers[Math.min(paths.length, answers.length) - 1]?.(response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', () => resolve()))
  const kubeconfig = join(tmpdir(), `skerry-kubeconfig-${process.pid}`)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`
  const config = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'plant' } }],
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  const sleeps: number[] = []
  const clock: Clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async (ms) => void sleeps.push(ms) }
  const cluster = await openCluster({ kubeconfig, namespace: undefined }, { clock, random: () => 0.5 })
  return { cluster, paths, sleeps }
}

const status =
  (code: number, body: unknown, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(JSON.stringify(body))
const cut = (response: ServerResponse) => void response.destroy()

test('passing failures are tried again, and a server may name the wait', async () => {
  const { cluster, paths, sleeps } = await clusterThat(
    status(429, { message: 'slow down' }, { 'retry-after': '2' }),
    cut,
    status(409, { message: 'conflict' }),
    status(200, object),
  )
  expect(await cluster.apply(object, signal)).toMatchObject({ metadata: { name: 's' } })
  expect(sleeps[0]).toBe(2_000)
  expect(paths.length).toBe(4)
  const path = '/prefix/api/v1/namespaces/plant/secrets/s?fieldManager=skerry-agent&force=true'
  expect(new Set(paths)).toEqual(new Set([`PATCH ${path}`]))
})

test('a server that fails for ever is gone', async () => {
  const { cluster, paths } = await clusterThat(status(500, { message: 'etcd is away' }))
  const failure = cluster.apply(object, signal)
  await expect(failure).rejects.toThrow('the Kubernetes API answers 500: etcd is away')
  await expect(failure).rejects.toBeInstanceOf(ClusterGone)
  expect(paths.length).toBe(4)
})

test('a rejected object is not tried again', async () => {
  const body = { reason: 'Invalid', message: 'Secret "s" is invalid' }
  const { cluster, paths } = await clusterThat(status(422, body))
  const failure = cluster.apply(object, signal)
  await expect(failure).rejects.toBeInstanceOf(ClusterRefused)
  await expect(failure).rejects.toMatchObject({ status: 422, reason: 'Invalid' })
  expect(paths.length).toBe(1)
})

test('a list is read page by page, and its objects keep unknown fields', async () => {
  const { cluster } = await clusterThat(
    status(200, { items: [{ ...object, later: 1 }], metadata: { continue: 'x' } }),
    status(200, { items: [{ metadata: { name: 't' } }] }),
  )
  const found = await cluster.list(object, 'a=b', signal)
  expect(found.map(({ metadata, later }) => [metadata.name, later])).toEqual([
    ['s', 1],
    ['t', undefined],
  ])
})

test('a missing object is removed already, and no JSON is no answer', async () => {
  const { cluster } = await clusterThat(status(404, { message: 'no such' }))
  await cluster.remove({ ...object, name: 's' }, signal)
  expect(await cluster.read({ ...object, name: 's' }, signal)).toBeUndefined()
  server?.close()
  const other = await clusterThat((response) => void response.end('<html>'))
  await expect(other.cluster.version(signal)).rejects.toBeInstanceOf(ClusterGone)
})

test('a kubeconfig with a mistake is named, and none of its lines is shown', async () => {
  const kubeconfig = join(tmpdir(), `skerry-kubeconfig-damaged-${process.pid}`)
  const words = 'these are the words of a credential'
  await writeFile(kubeconfig, `users:\n  - user: { token: "${words}\n`)
  const clock: Clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined }
  const opened = openCluster({ kubeconfig, namespace: undefined }, { clock, random: () => 0.5 })
  const message = await opened.then(
    () => 'opened',
    (error: Error) => error.message,
  )
  expect(message).toContain('cannot be read as a kubeconfig')
  expect(message).not.toContain(words)
})

test('an aborted call ends', async () => {
  const { cluster } = await clusterThat(() => undefined)
  await expect(cluster.version(AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
  server?.closeAllConnections()
})
