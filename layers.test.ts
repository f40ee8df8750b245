/** The allowed imports. Direction: contract ← core ← {platform, client, onnx} ← {inference, connectors} ← apps. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { specifiersIn } from './scripts/tiers/import-graph.ts'

const shared = ['@skerry/contract', '@skerry/core', '@skerry/platform', '@skerry/onnx', 'node:']

/** The modules that a protocol's folder may import besides its library: never another protocol. */
const ofConnectors = [
  '@skerry/contract',
  '@skerry/core',
  '@skerry/platform',
  'node:',
  '@skerry/connectors/reading',
  '@skerry/connectors/discovery',
  '@skerry/connectors/session',
  '@skerry/connectors/value',
  '@skerry/connectors/serial-line',
  '@skerry/connectors/turns',
  '@skerry/connectors/child-program',
  '@skerry/connectors/pushed',
  '@skerry/connectors/tls',
  '@skerry/connectors/tcp-socket',
]

/** The same for a folder whose protocol only takes values. */
const ofSinks = [
  '@skerry/contract',
  '@skerry/core',
  '@skerry/platform',
  'node:',
  ...['sink', 'sink-http', 'sink-line', 'sink-patience', 'sink-secret', 'sink-template', 'tls'].map(
    (name) => `@skerry/connectors/${name}`,
  ),
]

/** A folder's code imports the names in its row and its own files, nothing else. A file belongs to its longest row. */
const mayImport: Record<string, string[]> = {
  'packages/contract/src': ['zod', '@orpc/contract'],
  'packages/core/src': ['@skerry/contract', '@bufbuild/cel', 'zod'],
  'packages/platform/src': [
    '@skerry/contract',
    '@skerry/core',
    'node:',
    'zod',
    '@hpke/core',
    '@peculiar/x509',
    'croner',
    'hash-wasm',
    'pino',
    'reflect-metadata',
    'ws',
  ],
  'packages/client/src': [
    '@skerry/contract',
    '@skerry/core',
    '@orpc/client',
    '@orpc/contract',
    '@orpc/openapi-client',
    'diff',
    'yaml',
    'zod',
  ],
  'packages/onnx/src': ['@skerry/contract', '@bufbuild/protobuf', 'ml-matrix'],
  'packages/inference/src': [...shared, 'onnxruntime-node', '@grpc/grpc-js', '@bufbuild/protobuf', 'zod'],
  'packages/connectors/src': ['@skerry/contract', '@skerry/core', '@skerry/platform', 'node:'],
  'packages/connectors/src/bacnet': [...ofConnectors, '@bacnet-js/client'],
  'packages/connectors/src/camera': ofConnectors,
  'packages/connectors/src/can': ofConnectors,
  'packages/connectors/src/ethernet-ip': ofConnectors,
  'packages/connectors/src/files': ofConnectors,
  'packages/connectors/src/iec104': ofConnectors,
  'packages/connectors/src/knx': [...ofConnectors, 'knxultimate'],
  'packages/connectors/src/modbus': [...ofConnectors, 'modbus-serial'],
  'packages/connectors/src/serial': ofConnectors,
  'packages/connectors/src/serial-line': [...ofConnectors, 'serialport'],
  'packages/connectors/src/opcua': [...ofConnectors, 'node-opcua-certificate-manager', 'node-opcua-client'],
  'packages/connectors/src/s7': ofConnectors,
  'packages/connectors/src/broker': [...ofConnectors, ...ofSinks, 'mqtt'],
  'packages/connectors/src/http': ofConnectors,
  'packages/connectors/src/mqtt': [...ofConnectors, ...ofSinks, '@skerry/connectors/broker'],
  'packages/connectors/src/generated': ['@bufbuild/protobuf'],
  'packages/connectors/src/simulator': ofConnectors,
  'packages/connectors/src/file': [...ofSinks, 'hyparquet-writer'],
  'packages/connectors/src/hub': ofSinks,
  'packages/connectors/src/influx': ofSinks,
  'packages/connectors/src/kafka': [...ofSinks, '@platformatic/kafka'],
  'packages/connectors/src/nats': [...ofSinks, '@nats-io/transport-node'],
  'packages/connectors/src/amqp': [...ofSinks, 'amqplib'],
  'packages/connectors/src/postgres': [...ofSinks, 'pg'],
  'packages/connectors/src/sparkplug': [
    ...ofConnectors,
    ...ofSinks,
    '@skerry/connectors/broker',
    '@skerry/connectors/generated',
    '@bufbuild/protobuf',
  ],
  'packages/connectors/src/webhook': [...ofConnectors, ...ofSinks],
  'packages/flows/src': ['@skerry/contract', '@skerry/core', '@skerry/platform', 'node:', 'fft.js', 'jsonata'],
  'packages/connectors/src/sql': [...ofConnectors, 'pg'],
  'packages/connectors/src/snmp': [...ofConnectors, 'net-snmp'],
  'packages/testkit/src': ['@skerry/contract', '@skerry/core', 'node:'],
  'apps/hub/src': [
    ...shared,
    '@skerry/client',
    '@skerry/flows',
    '@skerry/inference',
    '@simplewebauthn/server',
    'better-auth',
    'fastify',
    'kysely',
    'nodemailer',
    'oauth4webapi',
    'pg',
    'prom-client',
    'ws',
    'zod',
    '@orpc/contract',
    '@orpc/openapi',
    '@orpc/server',
    '@orpc/standard-server-peer',
    '@orpc/zod',
    '@aws-sdk/client-s3',
  ],
  'apps/agent/src': [
    ...shared,
    '@kubernetes/client-node',
    '@lydell/node-pty',
    'node-llama-cpp',
    '@skerry/connectors',
    '@skerry/flows',
    '@skerry/inference',
    '@orpc/client',
    '@orpc/contract',
    'ws',
    'zod',
  ],
  'apps/cli/src': [
    ...shared,
    '@skerry/client',
    '@skerry/connectors',
    '@skerry/flows',
    '@skerry/inference',
    'cli-table3',
    'commander',
    'diff',
    'yaml',
    'zod',
  ],
  'apps/console/src': [
    '@skerry/contract',
    '@skerry/core',
    '@skerry/client',
    '@skerry/flows',
    '@skerry/onnx',
    'zod',
    'react',
    'react-dom',
    'radix-ui',
    'react-markdown',
    'cmdk',
    '@tanstack/react-query',
    '@tanstack/react-router',
    '@tanstack/react-table',
    '@tanstack/react-virtual',
    '@xterm/addon-fit',
    '@xterm/xterm',
    '@noble/hashes',
    'clsx',
    'd3-geo',
    'lucide-react',
    'tailwind-merge',
    'topojson-client',
    'uqr',
    'world-atlas',
    'yaml',
  ],
}

const rows = Object.keys(mayImport).sort((a, b) => b.length - a.length)
const files = ['packages', 'apps']
  .flatMap((top) => readdirSync(top, { recursive: true, encoding: 'utf8' }).map((file) => join(top, file)))
  .filter((path) => /\/(src|test)\/.*\.tsx?$/.test(path) && !/node_modules|\/dist\//.test(path))
const isTest = (path: string) => /\.test\.tsx?$/.test(path) || /^(packages|apps)\/[^/]+\/test\//.test(path)

/** The package or app that a path belongs to, such as `apps/hub`. */
const homeOf = (path: string) => path.split('/').slice(0, 2).join('/')
const specifiersOf = (path: string) => specifiersIn(readFileSync(path, 'utf8'))
const isNamedBy = (allowed: readonly string[], specifier: string) =>
  allowed.some((name) => `${specifier}/`.startsWith(name.endsWith(':') ? name : `${name}/`))

test('every row has code, so no rule is checked in vain', () => {
  expect(rows.filter((row) => !files.some((path) => path.startsWith(`${row}/`)))).toEqual([])
})

test.each(files.filter((path) => !isTest(path)))('%s imports only allowed packages', (path) => {
  const folder = rows.find((row) => path.startsWith(`${row}/`))
  for (const specifier of specifiersOf(path)) {
    const isInside = specifier.startsWith('.') && join(dirname(path), specifier).startsWith(`${folder}/`)
    const isOwnPackage = join(dirname(path), specifier) === `${homeOf(path)}/package.json`
    expect(
      isInside || isOwnPackage || isNamedBy(mayImport[folder ?? ''] ?? [], specifier),
      `${path} imports ${specifier}`,
    ).toBe(true)
  }
})

test('no test of a package reaches into an app, and no test into another app', () => {
  const strays = files.filter(isTest).flatMap((path) => {
    const ownName = `@skerry/${homeOf(path).split('/')[1]}`
    const apps = ['@skerry/hub', '@skerry/agent', '@skerry/cli', '@skerry/console'].filter((name) => name !== ownName)
    return specifiersOf(path)
      .filter((specifier) => isNamedBy(apps, specifier) || leaves(homeOf(path), path, specifier))
      .map((specifier) => `${path} imports ${specifier}`)
  })
  expect(strays).toEqual([])
})

/** onnxruntime sends telemetry unless it is turned off before it is loaded; that place turns it off. */
const LOADS_RUNTIME = 'packages/inference/src/runtime/onnx-runtime.ts'
const runtimeLoad =
  /^(?!import type\b).*(?:\bfrom|\bimport|\brequire|\bresolve)\b\s*\(?\s*['"]onnxruntime-(?:node|web|common)['"]/m

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => existsSync(path))

test('one place loads onnxruntime: applications, tests, benches, examples and scripts use it', () => {
  const code = tracked.filter((path) => /\.(tsx?|mjs|js)$/.test(path))
  expect(code.filter((path) => runtimeLoad.test(readFileSync(path, 'utf8')))).toEqual([LOADS_RUNTIME])
})

test('Python turns its telemetry off, too, before it loads onnxruntime', () => {
  const load = /^import onnxruntime/m
  const programs = tracked.filter((path) => path.endsWith('.py') && load.test(readFileSync(path, 'utf8')))
  expect(programs.length).toBeGreaterThan(1)
  const loud = programs.filter((path) => !/ORT_DISABLE_TELEMETRY/.test(readFileSync(path, 'utf8').split(load)[0] ?? ''))
  expect(loud).toEqual([])
})

const leaves = (home: string, path: string, specifier: string) =>
  specifier.startsWith('.') && !join(dirname(path), specifier).startsWith(`${home}/`)

/**
 * The layers inside the hub, by the end of a file's name; a file imports values from its own layer and those before it.
 * A file with none of these names is a service. `http/problem.ts`, `page.ts` and `call.ts` are the cellar of `http/`;
 * its router and server are the roof.
 */
const HUB_LAYERS: readonly (readonly [layer: string, names: RegExp])[] = [
  ['store', /(?:-store|-tables)\.ts$|\/src\/store\/|\/http\/(?:problem|page|call|called)\.ts$/],
  ['service', /(?!)/],
  ['guard', /\/(?:key|registry|scope|session)-guard\.ts$|\/http\/implementer\.ts$/],
  ['handlers', /-handlers?\.ts$|-routes?\.ts$/],
  [
    'front',
    /\/noun\.ts$|\/src\/(?:main|run-hub|open-hub|background|leading|nouns\/nouns)\.ts$|-server\.ts$|\/http\/(?:router|server|own-calls|body\/body-gate)\.ts$/,
  ],
]

const SERVICE = 1

function hubLayer(path: string): number {
  const layer = HUB_LAYERS.findIndex(([, names]) => names.test(path))
  return layer < 0 ? SERVICE : layer
}

/** Imports upward that there are today. The list may only become shorter. */
const HUB_LEAKS = [
  'batches/batch-store.ts imports batches/batch-hand.ts',
  'commands/ask-device.ts imports commands/peer-command-routes.ts',
  'deployments/deployment-store.ts imports rollouts/leaving-rows.ts',
  'devices/device-store.ts imports devices/liveness.ts',
  'link/reports/report-store.ts imports devices/liveness.ts',
  'link/reports/report-store.ts imports link/reports/report-conditions.ts',
  'link/reports/report-store.ts imports link/reports/report-history.ts',
  'link/reports/report-store.ts imports link/reports/unread-items.ts',
  'logins/login-store.ts imports keys/key-secret.ts',
  'organisations/organisation-store.ts imports organisations/quota.ts',
  'organisations/tenant-life.ts imports http/implementer.ts',
  'people/failure-store.ts imports keys/key-secret.ts',
  'people/invitations/invitation-store.ts imports keys/key-secret.ts',
  'people/user-session-store.ts imports keys/key-secret.ts',
  'rollouts/member-store.ts imports rollouts/engine/member-evidence.ts',
  'rollouts/member-store.ts imports rollouts/engine/next-members.ts',
  'rollouts/member-store.ts imports rollouts/retry-tokens.ts',
  'sso/unlink-provider.ts imports http/implementer.ts',
]

/** `import type` is left out: a type couples no code. */
const VALUE_IMPORT = /^import (?!type\b)[^'"]*?from ['"](\.[^'"]+)['"]/gm

test('inside the hub no layer imports values from a later one, except for the listed leaks', () => {
  const home = 'apps/hub/src/'
  const leaks = files
    .filter((path) => path.startsWith(home) && !isTest(path))
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(VALUE_IMPORT)]
        .map(([, specifier = '']) => join(dirname(path), specifier))
        .filter((imported) => hubLayer(imported) > hubLayer(path))
        .map((imported) => `${path.slice(home.length)} imports ${imported.slice(home.length)}`),
    )
  expect(leaks.toSorted()).toEqual(HUB_LEAKS)
})
