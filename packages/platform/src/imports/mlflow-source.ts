/**
 * MLflow source: a registered model by its alias or number, from a tracking server that serves its artefacts
 * [mlflow.org, REST API 2.0: registered-models/alias, model-versions/get, get-download-uri; mlflow-artifacts].
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FilePath } from '@skerry/contract/models/model'
import * as z from 'zod'
import { fetchFile } from './fetch-file.ts'
import type { Imported, ImportHost, ImportOptions, RemoteSource } from './import-host.ts'
import { importProblem, wrongPlace } from './import-problem.ts'
import { requestText } from './request-text.ts'

/** A description has some kilobytes; its examples of inputs are other files. */
const DESCRIPTION_BYTES_MAX = 1024 * 1024

const ModelVersion = z.object({
  name: z.string().min(1).max(500),
  version: z.coerce.string().regex(/^\d{1,9}$/),
  run_id: z.string().max(100).optional(),
})
const VersionReply = z.object({ model_version: ModelVersion })
const UriReply = z.object({ artifact_uri: z.string().max(2_000) })

/** Only the form of a flavour of ONNX counts here. */
const Description = z.object({
  flavors: z.record(z.string().max(200), z.looseObject({ data: z.string().max(500).optional() })),
})

type Server = { base: string; authorization: string | undefined; authorities: string | undefined }

export const mlflowSource: RemoteSource = {
  async open(place, options, host): Promise<Imported> {
    const server = serverOf(options)
    const version = await versionOf(place, server, host)
    const artifacts = await artifactsOf(version, server, host)
    const folder = await host.folderFor(`${artifacts}/`)
    const fetchOne = async (path: string, sizeMax?: number) => {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      await rm(target, { force: true })
      const url = new URL(`${artifacts}/${path.split('/').map(encodeURIComponent).join('/')}`)
      const { authorization, authorities } = server
      const digest = options.digests.get(path)
      await fetchFile({ url, target, digest, authorization, authorities, ...(sizeMax && { sizeMax }) }, host)
      return target
    }
    const main = onnxFile(place, await readFile(await fetchOne('MLmodel', DESCRIPTION_BYTES_MAX), 'utf8'), host)
    const modelPath = await fetchOne(main)
    for (const path of await host.weightPaths(modelPath)) await fetchOne(join(dirname(main), path))
    const { name, version: number, run_id: run } = version
    return {
      modelPath,
      name,
      notes: `version ${number} of ${name} in MLflow${run === undefined || run === '' ? '' : `, run ${run}`}`,
      uri: `${server.base}/#/models/${encodeURIComponent(name)}/versions/${number}`,
      labels: { 'imported-from': 'mlflow', 'mlflow-version': number },
      remarks: [],
      forget: () => rm(folder, { recursive: true, force: true }),
      [Symbol.asyncDispose]: async () => undefined,
    }
  },
  async revision(place, options, host) {
    const { version, run_id: run = '' } = await versionOf(place, serverOf(options), host)
    return `${version} ${run}`.trim()
  },
}

function serverOf({ server: text = '', token, authorities }: ImportOptions): Server {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.hostname !== 'localhost' && url?.hostname !== '127.0.0.1')
    throw wrongPlace(
      text === '' ? 'no server of MLflow is named' : 'the address of MLflow must begin with https://',
      'name its address, such as https://mlflow.example, with --server or in MLFLOW_TRACKING_URI',
    )
  if (url.username !== '' || url.password !== '')
    throw wrongPlace('the address of MLflow holds a password', 'give USER:PASSWORD in a file with --token-file')
  const authorization = token?.includes(':')
    ? `Basic ${Buffer.from(token).toString('base64')}`
    : token === undefined
      ? undefined
      : `Bearer ${token}`
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, authorization, authorities }
}

async function versionOf(place: string, server: Server, host: ImportHost) {
  const [, name, alias, number] = /^models:\/+([^/@]+)(?:@([^/@]+)|\/(\d{1,9}))$/i.exec(place) ?? []
  if (name === undefined)
    throw wrongPlace(`${place} names no version of MLflow`, 'write models:/NAME@ALIAS or models:/NAME/NUMBER')
  const reply =
    alias === undefined
      ? await call('model-versions/get', { name, version: number ?? '' }, { server, host })
      : await call('registered-models/alias', { name, alias }, { server, host })
  return parsed(VersionReply, reply).model_version
}

type Call = { server: Server; host: ImportHost }

async function call(path: string, query: Record<string, string>, { server, host }: Call): Promise<unknown> {
  const url = new URL(`${server.base}/api/2.0/mlflow/${path}`)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  const { status, text } = await requestText({ ...server, url }, host)
  if (status === 401 || status === 403)
    throw importProblem(
      'import_failed',
      `MLflow ${server.authorization ? 'rejects the token' : 'needs credentials'} (${status})`,
      {
        next: 'give a valid token, or USER:PASSWORD, in a file with --token-file',
      },
    )
  if (status === 404)
    throw importProblem(
      'import_failed',
      `MLflow knows no such model, version or alias: ${Object.values(query).join(', ')}`,
      {
        next: 'look at the registered models of MLflow, and check the address of MLflow',
      },
    )
  if (status !== 200)
    throw importProblem('import_failed', `MLflow answered ${status} to ${path}`, { next: 'try again, or read its log' })
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parsed<T>(schema: z.ZodType<T>, reply: unknown): T {
  const found = schema.safeParse(reply)
  if (found.success) return found.data
  throw importProblem('import_failed', 'the server does not answer as MLflow does', {
    next: 'check the address of MLflow',
  })
}

/** The address of the artefacts: the tracking server must pass them on, because it alone has the keys of the store. */
async function artifactsOf(
  { name, version }: z.infer<typeof ModelVersion>,
  server: Server,
  host: ImportHost,
): Promise<string> {
  const reply = await call('model-versions/get-download-uri', { name, version }, { server, host })
  const uri = parsed(UriReply, reply).artifact_uri
  const url = URL.parse(uri)
  if (url?.protocol !== 'mlflow-artifacts:')
    throw importProblem(
      'import_refused',
      `MLflow keeps ${name} ${version} at ${uri.replace(/[?#].*/, '')}, and does not serve it`,
      {
        next: 'start MLflow with --serve-artifacts, or import a signed https address of the ONNX file',
      },
    )
  const path = url.pathname.replace(/^\/+|\/+$/g, '')
  return `${server.base}/api/2.0/mlflow-artifacts/artifacts/${path}`
}

/** The other flavours are pickles, or need the framework. */
function onnxFile(place: string, text: string, host: ImportHost): string {
  const flavours = flavoursIn(text, host)
  if (!flavours) throw importProblem('import_refused', `${place}: MLmodel is no description of a model`)
  const data = flavours.onnx?.data
  if (data === undefined)
    throw importProblem(
      'import_refused',
      `${place} has the flavours ${Object.keys(flavours).join(', ')}, and not onnx`,
      {
        next: 'log the model with mlflow.onnx.log_model, or push it with the Python client of Skerry',
      },
    )
  if (!FilePath.safeParse(data).success)
    throw importProblem('import_refused', `${place}: the path ${JSON.stringify(data)} leads out of the folder`, {
      next: 'do not use this model: somebody changed its description',
    })
  return data
}

function flavoursIn(text: string, host: ImportHost) {
  try {
    return Description.parse(host.parseYaml(text)).flavors
  } catch {
    return undefined
  }
}
