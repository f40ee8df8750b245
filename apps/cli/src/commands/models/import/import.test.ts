import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { until } from '@skerry/testkit/until'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { FakeHub } from '../../../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../../../test/stage/cli.ts'
import { openSignedIn } from '../../../../test/stage/signed-in.ts'

let hub: FakeHub
let folder: TestFolder
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const MODEL = fileURLToPath(new URL('../../../../../../examples/sensor-anomaly/model-v1.onnx', import.meta.url))
const bytes = await readFile(MODEL)
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const importing = (...words: string[]) => cli(['model', 'import', ...words], { env })

async function listening(server: Server): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A web server with a certificate of an authority of its own; `nowMs` is the time at which it was issued. */
async function secureServer(listener: RequestListener, nowMs = Date.now()): Promise<{ url: string; ca: string }> {
  const authority = await createAuthority({ commonName: 'company', nowMs })
  const own = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, listener)
  const ca = join(folder.path, 'company.pem')
  await writeFile(ca, authority.certificatePem)
  return { url: `https://${await listening(server)}`, ca }
}

test('a model is imported over https with a token, a digest and its origin', async () => {
  const seen: (string | undefined)[] = []
  const { url, ca } = await secureServer((request, response) => {
    seen.push(request.headers.authorization)
    if (request.headers.authorization !== 'Bearer let-me-in') return response.writeHead(401).end()
    return response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  })
  const place = `${url}/models/Anomaly.onnx?X-Signature=secret`
  const without = await importing(place, '--ca', ca)
  expect(without).toMatchObject({ code: 1, err: expect.stringContaining('code: import_failed') })
  expect(without.err).toContain('needs credentials (401)')
  expect(without.err).toContain('--token-file')
  const token = join(folder.path, 'token.txt')
  await writeFile(token, 'wrong\n')
  expect((await importing(place, '--ca', ca, '--token-file', token)).err).toContain('rejects the token (401)')
  await writeFile(token, 'let-me-in\n')
  const done = await importing(place, '--ca', ca, '--token-file', token, '--digest', digest, '--alias', 'champion')
  expect(done, done.err).toMatchObject({ code: 0 })
  expect(hub.state.pushes).toMatchObject([
    {
      name: 'anomaly',
      files: [{ path: 'model.onnx', digest }],
      labels: { 'imported-from': 'url' },
      aliases: ['champion'],
      lineage: { source: { uri: `${url}/models/Anomaly.onnx` }, tool: 'skerry model import' },
    },
  ])
  expect(hub.state.blobs.get(digest)).toEqual(bytes)
  expect(seen).toEqual([undefined, 'Bearer wrong', 'Bearer let-me-in'])
  expect(JSON.stringify(hub.state.pushes) + done.out).not.toContain('secret')
})

async function partialBytes(): Promise<number> {
  const imports = join(folder.path, 'imports')
  const [name = ''] = await readdir(imports).catch(() => [])
  return (await stat(join(imports, name, 'model.onnx.partial')).catch(() => undefined))?.size ?? 0
}

test('an interrupted transfer continues where it ended, also when the command runs again', async () => {
  const ranges: (string | undefined)[] = []
  let isBroken = true
  const { url, ca } = await secureServer((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const about = {
      etag: '"v1"',
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    }
    // Each answer of the broken server is cut after a thousand bytes; then it gives up.
    if (isBroken && start >= 2_000) return response.writeHead(404).end()
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start, ...about })
    if (!isBroken) return response.end(bytes.subarray(start))
    response.write(bytes.subarray(start, start + 1_000))
    // Bytes that the client has not read yet are lost with the connection.
    return until(async () => (await partialBytes()) === start + 1_000, { what: 'the bytes are on the disk' }).then(() =>
      response.destroy(),
    )
  })
  const cut = await importing(`${url}/m.onnx`, '--ca', ca)
  expect(cut).toMatchObject({ code: 1, err: expect.stringContaining('code: import_failed') })
  isBroken = false
  const done = await importing(`${url}/m.onnx`, '--ca', ca)
  expect(done, done.err).toMatchObject({ code: 0 })
  expect(hub.state.blobs.get(digest)).toEqual(bytes)
  expect(ranges).toEqual([undefined, 'bytes=1000-', 'bytes=2000-', 'bytes=2000-'])
})

test('other bytes than the digest states are imported never, and fetched anew only once', async () => {
  let requests = 0
  const { url, ca } = await secureServer((_request, response) => {
    requests += 1
    response.end(bytes.subarray(1))
  })
  const { code, err } = await importing(`${url}/m.onnx`, '--ca', ca, '--digest', digest)
  expect({ code, requests }).toEqual({ code: 1, requests: 1 })
  expect(err).toContain('code: import_refused')
  expect(hub.state.pushes).toEqual([])
})

test('an expired certificate, an unknown authority and a proxy that refuses are named with the next step', async () => {
  const listener: RequestListener = (_request, response) => response.end(bytes)
  const old = await secureServer(listener, Date.now() - 800 * 86_400_000)
  const expired = await importing(`${old.url}/m.onnx`, '--ca', old.ca)
  expect(expired.err).toContain('its certificate has expired')
  const { url, ca } = await secureServer(listener)
  const unknown = await importing(`${url}/m.onnx`)
  expect(unknown.err).toContain('give the certificate of that authority with --ca')
  const proxy = createPlainServer()
  proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
  env = { ...env, HTTPS_PROXY: `http://${await listening(proxy)}` }
  const refused = await importing(`${url}/m.onnx`, '--ca', ca)
  expect(refused.err).toContain('check HTTPS_PROXY and NO_PROXY')
  expect(hub.state.pushes).toEqual([])
})

test('a token goes to no other server, and http needs a digest', async () => {
  const seen: (string | undefined)[] = []
  const store = await listening(
    createPlainServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end(bytes)
    }),
  )
  const front = await listening(
    createPlainServer((_request, response) => response.writeHead(302, { location: `http://${store}/x` }).end()),
  )
  const token = join(folder.path, 'token.txt')
  await writeFile(token, 'secret')
  const bare = await importing(`http://${front}/m.onnx`)
  expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('nobody vouches for the bytes') })
  const done = await importing(`http://${front}/m.onnx`, '--digest', digest, '--token-file', token)
  expect(done, done.err).toMatchObject({ code: 0 })
  expect(seen).toEqual([undefined])
})

test.each([
  ['a pickle', Buffer.from([0x80, 4, 0x95, 0, 0]), 'a Python pickle, which runs code when it is opened'],
  ['a zip', Buffer.from('PK\u0003\u0004'), 'a zip archive, which may unfold without a limit'],
  ['a page', Buffer.from('<!doctype html>'), 'a page of a web server'],
])('%s under the name of a model is refused', async (_name, hostile, reason) => {
  const { url, ca } = await secureServer((_request, response) => response.end(hostile))
  const { code, err } = await importing(`${url}/m.onnx`, '--ca', ca)
  expect(code).toBe(1)
  expect(err).toContain('code: import_refused')
  expect(err).toContain(reason)
})

const CONFIG = `
  name: "press" backend: "onnxruntime" max_batch_size: 8 dynamic_batching { }
  input [ { name: "window" data_type: TYPE_FP32 dims: [ 8, 2 ] } ]
`

async function tritonModel(config: string, ...versions: string[]): Promise<string> {
  const place = join(folder.path, 'repository', 'press')
  await mkdir(place, { recursive: true })
  await writeFile(join(place, 'config.pbtxt'), config)
  for (const version of versions) {
    await mkdir(join(place, version), { recursive: true })
    await copyFile(MODEL, join(place, version, 'model.onnx'))
  }
  return place
}

test('the newest version of a model of Triton is imported, and its settings are named', async () => {
  const place = await tritonModel(CONFIG, '2', '10', 'notes')
  const whole = await importing(join(folder.path, 'repository'))
  expect(whole.err).toContain('a whole repository with the models press')
  const { code, err } = await importing(place)
  expect(code, err).toBe(0)
  expect(err).toContain('not taken from config.pbtxt: dynamic_batching')
  expect(hub.state.pushes).toMatchObject([
    { name: 'press', files: [{ digest }], labels: { 'imported-from': 'triton', 'triton-version': '10' } },
  ])
})

test.each([
  ['backend: "tensorrt"', 'a model for tensorrt, and devices run ONNX'],
  ['ensemble_scheduling { step [] }', 'an ensemble of other models'],
  ['input { name: "other" data_type: TYPE_FP32 dims: [8, 2] }', 'names the input other, but the model has window'],
  ['input { name: "window" data_type: TYPE_INT32 dims: [8, 2] }', 'the model has FP32 there, and not INT32'],
  ['max_batch_size: 4 input { name: "window" data_type: TYPE_FP32 dims: [9, 2] }', 'and not [-1, 9, 2]'],
  ['version_policy { specific { versions: [7] } }', 'has no version of 7'],
])('a model of Triton with %s is refused', async (config, reason) => {
  const { code, err } = await importing(await tritonModel(config, '1'))
  expect(code).toBe(1)
  expect(err).toContain('code: import_refused')
  expect(err).toContain(reason)
})

test('a folder in the layout of Hugging Face is imported, and links and paths out of it are refused', async () => {
  const place = join(folder.path, 'distilled')
  await mkdir(join(place, 'onnx'), { recursive: true })
  await writeFile(join(place, 'config.json'), '{"_name_or_path":"acme/Distilled","model_type":"bert"}')
  await writeFile(join(place, 'pytorch_model.bin'), Buffer.from([0x80, 2]))
  expect((await importing(place)).err).toContain('it has pytorch_model.bin')
  await symlink(MODEL, join(place, 'onnx/model.onnx'))
  expect((await importing(place)).err).toContain('outside the folder')
  expect((await importing(place, '--file', '../../model.onnx')).err).toContain('--file leads out of the folder')
  await copyFile(MODEL, join(place, 'onnx/quantised.onnx'))
  const { code, err } = await importing(place, '--file', 'onnx/quantised.onnx')
  expect(code, err).toBe(0)
  expect(hub.state.pushes).toMatchObject([
    { name: 'distilled', labels: { 'imported-from': 'hugging-face', 'model-type': 'bert' } },
  ])
})

type RegistryFile = { path?: string; mediaType?: string; bytes: Buffer }

/** A registry that sends clients to a server of tokens, as most public ones do. */
async function registryOf(files: readonly RegistryFile[]): Promise<{ place: string; ca: string; seen: string[] }> {
  const seen: string[] = []
  const blobs = new Map(files.map(({ bytes: each }) => [digestFor(each), each]))
  const layers = files.map(({ path, mediaType = 'application/vnd.cncf.model.weight.v1.raw', bytes: each }) => ({
    mediaType,
    digest: digestFor(each),
    size: each.length,
    ...(path !== undefined && { annotations: { 'org.cncf.model.filepath': path } }),
  }))
  const tokenAnswer: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'https://registry')
    seen.push(`${searchParams.get('service')} ${searchParams.get('scope')}`)
    const isKnown = request.headers.authorization === `Basic ${Buffer.from('ada:secret').toString('base64')}`
    return isKnown ? response.end('{"token":"good"}') : response.writeHead(401).end()
  }
  const listener: RequestListener = (request, response) => {
    const { pathname, origin } = new URL(request.url ?? '', `https://${request.headers.host}`)
    if (pathname === '/tokens') return tokenAnswer(request, response)
    const challenge = `Bearer realm="${origin}/tokens",service="store"`
    if (request.headers.authorization !== 'Bearer good')
      return response.writeHead(401, { 'www-authenticate': challenge }).end()
    if (pathname.includes('/manifests/')) return response.end(JSON.stringify({ schemaVersion: 2, layers }))
    const blob = blobs.get(pathname.split('/').at(-1) ?? '')
    return blob ? response.end(blob) : response.writeHead(404).end()
  }
  const { url, ca } = await secureServer(listener)
  return { place: `oci://${url.slice('https://'.length)}/plant/press`, ca, seen }
}

const digestFor = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`

test('a model of ModelPack is imported with the password of a person, and only its own files are fetched', async () => {
  const readme = Buffer.from('# A model')
  const { place, ca, seen } = await registryOf([
    { path: 'models/press.onnx', bytes },
    { path: 'README.md', bytes: readme },
    { bytes: Buffer.from('no path') },
  ])
  const bare = await importing(`${place}:1`, '--ca', ca)
  expect(bare.err).toContain('write USER:PASSWORD into a file, and give it with --token-file')
  const token = join(folder.path, 'login.txt')
  await writeFile(token, 'ada:wrong\n')
  expect((await importing(`${place}:1`, '--ca', ca, '--token-file', token)).err).toContain('rejects the name')
  await writeFile(token, 'ada:secret\n')
  const done = await importing(`${place}:1`, '--ca', ca, '--token-file', token)
  expect(done, done.err).toMatchObject({ code: 0, err: expect.stringContaining('a tag can move') })
  expect(hub.state.pushes).toMatchObject([
    { name: 'press', files: [{ path: 'model.onnx', digest }], lineage: { source: { uri: `${place}:1` } } },
  ])
  expect(seen.at(-1)).toBe('store repository:plant/press:pull')
})

test.each([
  ['../../../etc/cron.d/x.onnx', 'has a file with the path'],
  ['/etc/x.onnx', 'has a file with the path'],
  ['press.tar', 'has no ONNX file'],
])('an artefact with the file %s is refused', async (path, reason) => {
  const { place, ca } = await registryOf([{ path, bytes }])
  const token = join(folder.path, 'login.txt')
  await writeFile(token, 'ada:secret')
  const { code, err } = await importing(`${place}:1`, '--ca', ca, '--token-file', token)
  expect(code).toBe(1)
  expect(err).toContain('code: import_refused')
  expect(err).toContain(reason)
})

test('archives, several models and other bytes than the manifest names are refused', async () => {
  const token = join(folder.path, 'login.txt')
  await writeFile(token, 'ada:secret')
  const attempt = async (files: readonly RegistryFile[], reference = ':1') => {
    const { place, ca } = await registryOf(files)
    return (await importing(`${place}${reference}`, '--ca', ca, '--token-file', token)).err
  }
  const mediaType = 'application/vnd.kitops.modelkit.dataset.v1.tar+gzip'
  expect(await attempt([{ path: 'rows.tar', mediaType, bytes }])).toContain('has its files in archives: rows.tar')
  const two = [
    { path: 'a.onnx', bytes },
    { path: 'b.onnx', bytes },
  ]
  expect(await attempt(two)).toContain('has the ONNX files a.onnx, b.onnx')
  expect(await attempt(two, `@sha256:${'0'.repeat(64)}`)).toContain('do not have the digest')
  expect(hub.state.pushes).toEqual([])
})

test('the layer of KitOps that has the model is unpacked', async () => {
  const token = join(folder.path, 'login.txt')
  await writeFile(token, 'ada:secret')
  const mediaType = 'application/vnd.kitops.modelkit.model.v1.tar+gzip'
  const { stdout } = spawnSync('tar', ['-C', dirname(MODEL), '-cz', './model-v1.onnx'])
  const { place, ca } = await registryOf([{ mediaType, bytes: stdout }])
  const done = await importing(`${place}:1`, '--ca', ca, '--token-file', token)
  expect(done.code, done.err).toBe(0)
  expect(hub.state.pushes).toMatchObject([{ name: 'press', files: [{ path: 'model.onnx', digest }] }])
})

/** Answers as the public documentation of MLflow shows them; no server of MLflow was at hand. */
async function mlflowServer({
  flavour = 'onnx',
  data = 'model.onnx',
  uri = 'mlflow-artifacts:/1/abc/artifacts/model',
}) {
  const artifacts = '/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/model'
  const description = `flavors:\n  ${flavour}:\n    data: ${data}\n  python_function:\n    loader_module: mlflow.onnx\n`
  const { url, ca } = await secureServer((request, response) => {
    if (request.headers.authorization !== 'Bearer good') return response.writeHead(401).end()
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://mlflow')
    const version = { name: 'press', version: '7', run_id: 'abc', status: 'READY' }
    const isKnown = searchParams.get('alias') === 'champion'
    switch (pathname) {
      case '/api/2.0/mlflow/registered-models/alias':
        return isKnown ? response.end(JSON.stringify({ model_version: version })) : response.writeHead(404).end('{}')
      case '/api/2.0/mlflow/model-versions/get-download-uri':
        return response.end(JSON.stringify({ artifact_uri: uri }))
      case `${artifacts}/MLmodel`:
        return response.end(description)
      case `${artifacts}/model.onnx`:
        return response.end(bytes)
      default:
        return response.writeHead(404).end()
    }
  })
  env = { ...env, MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_TOKEN: 'good' }
  return { url, ca }
}

test('a registered model of MLflow is imported by its alias', async () => {
  expect((await importing('models:/press@champion')).err).toContain('no server of MLflow is named')
  const { url, ca } = await mlflowServer({})
  expect((await importing('models:/press@nobody', '--ca', ca)).err).toContain('no such model, version or alias')
  const token = join(folder.path, 'token.txt')
  await writeFile(token, 'wrong')
  const wrong = await importing('models:/press@champion', '--ca', ca, '--token-file', token)
  expect(wrong.err).toContain('MLflow rejects the token (401)')
  const done = await importing('models:/press@champion', '--ca', ca)
  expect(done, done.err).toMatchObject({ code: 0 })
  expect(hub.state.pushes).toMatchObject([
    {
      name: 'press',
      files: [{ path: 'model.onnx', digest }],
      labels: { 'imported-from': 'mlflow', 'mlflow-version': '7' },
      lineage: { source: { uri: `${url}/#/models/press/versions/7` }, notes: 'version 7 of press in MLflow, run abc' },
    },
  ])
})

test.each([
  [{ flavour: 'sklearn' }, 'has the flavours sklearn, python_function, and not onnx'],
  [{ data: '../../other.onnx' }, 'leads out of the folder'],
  [{ uri: 's3://store/1/abc' }, 'start MLflow with --serve-artifacts'],
])('a model of MLflow with %j is refused', async (about, reason) => {
  const { ca } = await mlflowServer(about)
  const { code, err } = await importing('models:/press@champion', '--ca', ca)
  expect(code).toBe(1)
  expect(err).toContain('code: import_refused')
  expect(err).toContain(reason)
})
