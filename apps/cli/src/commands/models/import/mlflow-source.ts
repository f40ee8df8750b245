/**
 * MLflow source: a registered model by its alias or number, from a tracking server that serves its artefacts
 * [mlflow.org, REST API 2.0: registered-models/alias, model-versions/get, get-download-uri; mlflow-artifacts].
 */
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { FilePath } from '@skerry/contract/models/model'
import * as z from 'zod'
import { fail, wrongUsage } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { fetchFile } from './fetch-file.ts'
import type { Imported, ImportOptions, ImportSource } from './import-source.ts'
import { requestText } from './request-text.ts'
import { importFolder } from './url-source.ts'

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

export const mlflowSource: ImportSource = {
  name: 'MLflow',
  recognises: async (place) => /^models:/i.test(place),
  async open(place, options, session): Promise<Imported> {
    const server = serverOf(options, session)
    const version = await versionOf(place, server, session)
    const artifacts = await artifactsOf(version, server, session)
    const folder = await importFolder(`${artifacts}/`, session)
    const fetchOne = async (path: string, sizeMax?: number) => {
      const target = join(folder, path)
      await mkdir(dirname(target), { recursive: true })
      await rm(target, { force: true })
      const url = new URL(`${artifacts}/${path.split('/').map(encodeURIComponent).join('/')}`)
      const { authorization, authorities } = server
      const digest = options.digests.get(path)
      await fetchFile({ url, target, digest, authorization, authorities, ...(sizeMax && { sizeMax }) }, session)
      return target
    }
    const main = onnxFile(place, await readText(await fetchOne('MLmodel', DESCRIPTION_BYTES_MAX)))
    const modelPath = await fetchOne(main)
    const { weightPaths } = await import('../files/local-model.ts')
    for (const path of await weightPaths(modelPath)) await fetchOne(join(dirname(main), path))
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
}

/** The variables are those of MLflow itself. */
function serverOf({ token, authorities }: ImportOptions, { io }: Session): Server {
  const text = io.env.MLFLOW_TRACKING_URI ?? ''
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.hostname !== 'localhost' && url?.hostname !== '127.0.0.1')
    throw wrongUsage(
      text === '' ? 'no server of MLflow is named' : 'the address of MLflow must begin with https://',
      'set MLFLOW_TRACKING_URI to its address, such as https://mlflow.example',
    )
  if (url.username !== '' || url.password !== '')
    throw wrongUsage('MLFLOW_TRACKING_URI holds a password', 'give USER:PASSWORD in a file with --token-file')
  const given = token ?? io.env.MLFLOW_TRACKING_TOKEN
  const authorization = given?.includes(':')
    ? `Basic ${Buffer.from(given).toString('base64')}`
    : given === undefined
      ? undefined
      : `Bearer ${given}`
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, authorization, authorities }
}

async function versionOf(place: string, server: Server, session: Session) {
  const [, name, alias, number] = /^models:\/+([^/@]+)(?:@([^/@]+)|\/(\d{1,9}))$/i.exec(place) ?? []
  if (name === undefined)
    throw wrongUsage(`${place} names no version of MLflow`, 'write models:/NAME@ALIAS or models:/NAME/NUMBER')
  const reply =
    alias === undefined
      ? await call('model-versions/get', { name, version: number ?? '' }, { server, session })
      : await call('registered-models/alias', { name, alias }, { server, session })
  return parsed(VersionReply, reply).model_version
}

type Call = { server: Server; session: Session }

async function call(path: string, query: Record<string, string>, { server, session }: Call): Promise<unknown> {
  const url = new URL(`${server.base}/api/2.0/mlflow/${path}`)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  const { status, text } = await requestText({ ...server, url }, session)
  if (status === 401 || status === 403)
    throw fail(
      'import_failed',
      `MLflow ${server.authorization ? 'rejects the token' : 'needs credentials'} (${status})`,
      {
        next: 'give a valid token, or USER:PASSWORD, in a file with --token-file',
      },
    )
  if (status === 404)
    throw fail('import_failed', `MLflow knows no such model, version or alias: ${Object.values(query).join(', ')}`, {
      next: 'look at the registered models of MLflow, and check MLFLOW_TRACKING_URI',
    })
  if (status !== 200)
    throw fail('import_failed', `MLflow answered ${status} to ${path}`, { next: 'try again, or read its log' })
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parsed<T>(schema: z.ZodType<T>, reply: unknown): T {
  const found = schema.safeParse(reply)
  if (found.success) return found.data
  throw fail('import_failed', 'the server does not answer as MLflow does', { next: 'check MLFLOW_TRACKING_URI' })
}

/** The address of the artefacts: the tracking server must pass them on, because it alone has the keys of the store. */
async function artifactsOf(
  { name, version }: z.infer<typeof ModelVersion>,
  server: Server,
  session: Session,
): Promise<string> {
  const reply = await call('model-versions/get-download-uri', { name, version }, { server, session })
  const uri = parsed(UriReply, reply).artifact_uri
  const url = URL.parse(uri)
  if (url?.protocol !== 'mlflow-artifacts:')
    throw fail(
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
function onnxFile(place: string, description: string): string {
  const { values, problems } = readYaml(description, { file: 'MLmodel', schema: Description })
  const flavours = values[0]?.value.flavors
  if (!flavours) throw fail('import_refused', `${place}: MLmodel is no description of a model: ${problems[0]?.message}`)
  const data = flavours.onnx?.data
  if (data === undefined)
    throw fail('import_refused', `${place} has the flavours ${Object.keys(flavours).join(', ')}, and not onnx`, {
      next: 'log the model with mlflow.onnx.log_model, or push it with the Python client of Skerry',
    })
  if (!FilePath.safeParse(data).success)
    throw fail('import_refused', `${place}: the path ${JSON.stringify(data)} leads out of the folder`, {
      next: 'do not use this model: somebody changed its description',
    })
  return data
}
