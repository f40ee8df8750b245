/** OTLP: the metrics of a hub as a collector of OpenTelemetry reads them. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import { startOtlp } from '../../src/otlp/otlp-export.ts'
import { readOtlpHeaders } from '../../src/otlp/otlp-headers.ts'
import { monitoredModel, sendWindows, setMonitor } from '../monitors/monitored.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-otlp-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

type Answering = (body: string, response: ServerResponse, authorization: string | undefined) => void

/** A collector. Returns its address. */
async function listen(answer: Answering): Promise<string> {
  const server = createServer(async (request, response) => {
    answer(await text(request), response, request.headers.authorization)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`
}

const exportTo = ({ hub }: TestHub, url: string, headers = {}) =>
  startOtlp({ ...hub, hubId: hub.cluster.hubId }, { url, headers })

/** Reads the message with the definitions of OpenTelemetry, which reject any unknown field. */
const JUDGE = `
import sys
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as service
request = json_format.Parse(sys.stdin.read(), service.ExportMetricsServiceRequest())
for metric in request.resource_metrics[0].scope_metrics[0].metrics:
    kind = metric.WhichOneof("data")
    for point in getattr(metric, kind).data_points:
        labels = ",".join(f"{one.key}={one.value.string_value}" for one in point.attributes)
        value = f"{point.count} {list(point.bucket_counts)}" if kind == "histogram" else f"{point.as_double:g}"
        print(metric.name, kind, labels, value)
`

test.skipIf(!isInstalled('/usr/bin/python3', '-c', 'import opentelemetry.proto.metrics.v1.metrics_pb2'))(
  'the counters and histograms of the hub are those of its /metrics, by the definitions of OpenTelemetry',
  async () => {
    const received: string[] = []
    const url = await listen((body, response) => {
      received.push(body)
      response.end('{}')
    })
    await using hub = await startTestHub()
    for (let at = 0; at < 3; at++) await hub.ask('GET', '/v1/sites')
    await using _ = exportTo(hub, url)
    const message = await until(() => Promise.resolve(received[0]))
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', JUDGE], { input: message, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^skerry_requests_total sum procedure=site.list,code=ok 3$/m)
    expect(stdout).toMatch(/^skerry_request_seconds histogram procedure=site.list 3 \[[\d, ]+\]$/m)
    expect(stdout).toMatch(/^process_resident_memory_bytes gauge {2}[\d.e+]+$/m)
    const [, counts = ''] = /^skerry_request_seconds .*site.list 3 \[(.*)\]$/m.exec(stdout) ?? []
    const buckets = counts.split(', ').map(Number)
    expect(buckets).toHaveLength(10)
    expect(buckets.reduce((sum, count) => sum + count)).toBe(3)
  },
)

test('the collector gets the figures of monitors from the hub that leads: state, rows, stability and missing share', async () => {
  const received: string[] = []
  const url = await listen((body, response) => {
    received.push(body)
    response.end('{}')
  })
  await using hub = await startTestHub()
  const model = await monitoredModel(hub)
  await setMonitor(hub)
  await sendWindows(hub, model, [0, 5])
  await using _ = exportTo(hub, url)
  const message = await until(() => Promise.resolve(received[0]))
  const { body } = await hub.ask<Monitor>('GET', '/v1/monitors/m')
  const judged = body.versions.find(({ version }) => version === 2)
  const labels = { organisation: model.organisationId, model: 'm', version: '2' }
  const figures = figuresOf(message, labels)
  expect(judged).toMatchObject({ state: 'alert', rows: 1_200 })
  expect(figures.get('skerry_monitor_state ')).toBe(2)
  expect(figures.get('skerry_monitor_rows ')).toBe(1_200)
  for (const { feature, stability, missingShare } of judged?.features ?? []) {
    expect(figures.get(`skerry_monitor_stability ${feature}`)).toBe(stability)
    expect(figures.get(`skerry_monitor_missing_share ${feature}`)).toBe(missingShare)
  }
  expect([...figures.keys()].filter((name) => name.startsWith('skerry_monitor_'))).toHaveLength(6)
  // A hub that does not lead has no such figures, so that a sum over hubs is right.
  for (const registry of Object.values(hub.hub.metrics.led)) registry.clear()
  await using __ = exportTo(hub, url)
  const other = await until(() => Promise.resolve(received[1]))
  expect(other).not.toContain('skerry_monitor_')
})

type Point = { asDouble: number; attributes: { key: string; value: { stringValue: string } }[] }
type Metric = { name: string; gauge?: { dataPoints: Point[] } }

/** Gauges with these labels, by name and feature. */
function figuresOf(message: string, labels: Readonly<Record<string, string>>): Map<string, number> {
  const { resourceMetrics } = JSON.parse(message) as { resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[] }
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const points = metrics.flatMap(({ name, gauge }) => (gauge?.dataPoints ?? []).map((point) => ({ name, point })))
  return new Map(
    points.flatMap(({ name, point }) => {
      const own = new Map(point.attributes.map(({ key, value }) => [key, value.stringValue]))
      const isOne = Object.entries(labels).every(([key, value]) => own.get(key) === value)
      return isOne ? [[`${name} ${own.get('feature') ?? ''}`, point.asDouble]] : []
    }),
  )
}

test('a collector that refuses is counted and named once, and its token goes with each message', async () => {
  const seen: (string | undefined)[] = []
  const url = await listen((_, response, authorization) => {
    seen.push(authorization)
    response.writeHead(401).end('no such token')
  })
  await using hub = await startTestHub()
  await using _ = exportTo(hub, url, { authorization: 'Bearer secret' })
  await until(async () => (await hub.hub.metrics.otlpFailures.get()).values[0]?.value === 1)
  expect(seen).toEqual(['Bearer secret'])
})

test.each([
  ['Authorization: Bearer a b\n\nX-Scope-OrgID: plant\n', { authorization: 'Bearer a b', 'x-scope-orgid': 'plant' }],
  ['Bearer secret\n', /^line 1 of .*headers must be a header such as/],
  ['a: b\nc:\n', /^line 2 of /],
])('a file of headers: %j', async (lines, expected) => {
  const file = join(await newFolder(), 'headers')
  await writeFile(file, lines)
  const read = await readOtlpHeaders(file)
  if (expected instanceof RegExp) {
    expect(read).toMatchObject({ ok: false, message: expect.stringMatching(expected) })
    expect(JSON.stringify(read)).not.toContain('secret')
  } else expect(read).toEqual({ ok: true, headers: expected })
})

test('a file of headers that is not there is named', async () => {
  expect(await readOtlpHeaders('/nowhere/headers')).toMatchObject({
    ok: false,
    message: expect.stringMatching('ENOENT'),
  })
})
