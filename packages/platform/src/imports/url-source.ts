/** URL source: an ONNX file of a web server or an object store, with its weights at the same place. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { fetchFile, fileRevision, shownUrl } from './fetch-file.ts'
import type { Imported, ImportHost, ImportOptions, RemoteSource } from './import-host.ts'
import { importProblem, wrongPlace } from './import-problem.ts'

export const urlSource: RemoteSource = {
  async open(place, options, host): Promise<Imported> {
    const url = urlOf(place)
    const fileName = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    if (!/\.onnx$/i.test(fileName))
      throw wrongPlace(`${shownUrl(url)} does not end with .onnx`, 'give the address of the ONNX file itself')
    // The folder has the name of the address, so that the same command continues an interrupted transfer.
    const folder = await host.folderFor(shownUrl(url))
    const modelPath = join(folder, 'model.onnx')
    await fetchOne({ url, target: modelPath, path: '' }, options, host)
    await fetchWeights({ url, modelPath, folder }, options, host)
    const digest = options.digests.get('')
    return {
      modelPath,
      name: fileName.replace(/\.onnx$/i, ''),
      notes: digest === undefined ? 'imported from a web server' : `imported from a web server, with ${digest}`,
      uri: shownUrl(url),
      labels: { 'imported-from': 'url' },
      remarks:
        digest === undefined ? ['no digest was given: only the certificate of the server vouches for the bytes'] : [],
      forget: () => rm(folder, { recursive: true, force: true }),
      // The bytes stay for the next try until the push has succeeded.
      [Symbol.asyncDispose]: async () => undefined,
    }
  },
  revision(place, { token, authorities }, host) {
    const authorization = token === undefined ? undefined : `Bearer ${token}`
    return fileRevision({ url: urlOf(place), target: '', digest: undefined, authorization, authorities }, host)
  },
}

function urlOf(place: string): URL {
  const url = URL.parse(place)
  if (!url || !['https:', 'http:'].includes(url.protocol))
    throw wrongPlace(
      `${place.replace(/\?.*/, '')} is no address of https`,
      'make a signed https address of an object in a store, such as with "aws s3 presign"',
    )
  if (url.username !== '' || url.password !== '')
    throw wrongPlace('the address holds a password', 'give a token with --token-file')
  return url
}

type One = { url: URL; target: string; path: string }

async function fetchOne({ url, target, path }: One, options: ImportOptions, host: ImportHost): Promise<void> {
  const digest = options.digests.get(path)
  if (url.protocol === 'http:' && digest === undefined)
    throw wrongPlace(
      `nobody vouches for the bytes of ${shownUrl(url)}, because http has no certificate`,
      'use https, or give the digest with --digest',
    )
  if (digest !== undefined && !Digest.safeParse(digest).success)
    throw wrongPlace(`${digest} is no digest`, 'write sha256: and 64 lower-case hex digits')
  if ((await stat(target).catch(() => undefined))?.isFile()) {
    // A complete file of an earlier try, which failed after the transfer. It may be old by now.
    await rm(target)
  }
  const { token, authorities } = options
  const authorization = token === undefined ? undefined : `Bearer ${token}`
  await fetchFile({ url, target, digest, authorization, authorities }, host)
}

type Weights = { url: URL; modelPath: string; folder: string }

/** The model names its weight files. They lie at the same place, and never outside the folder. */
async function fetchWeights({ url, modelPath, folder }: Weights, options: ImportOptions, host: ImportHost) {
  for (const path of await host.weightPaths(modelPath)) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    const address = new URL(path.split('/').map(encodeURIComponent).join('/'), url)
    if (url.search !== '')
      throw importProblem(
        'import_refused',
        `the model has its weights in ${path}, and a signed address is good for one file`,
        {
          next: 'download all files into one folder, and run "skerry model push" on the ONNX file',
        },
      )
    await fetchOne({ url: address, target, path }, options, host)
  }
}
