/** Reads a pushed app, and checks its images. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { App } from '@skerry/contract/apps/app'
import { APP_PATH } from '@skerry/contract/kinds/app'
import type { ModelFile } from '@skerry/contract/models/model'
import { imageProblem } from '@skerry/core/apps/image-blobs'
import { parseJson } from '@skerry/core/values/parse-json'

/** 16 services with the longest words need only a fraction of it. */
export const APP_BYTES_MAX = 8 * 1024 ** 2

export type AppReading = { ok: true; app: App } | { ok: false; code: 'app_invalid'; message: string }

const invalid = (message: string) => ({ ok: false, code: 'app_invalid', message }) as const

/** The app in the folder. The schema is strict, so a field outside the subset is rejected with its name. */
export async function readApp(folder: string, files: readonly ModelFile[]): Promise<AppReading> {
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]))
  if ((sizes.get(APP_PATH) ?? 0) > APP_BYTES_MAX) return invalid(`${APP_PATH} is over 8 MiB`)
  const read = (path: string) => readFile(join(folder, path), 'utf8')
  const parsed = App.safeParse(parseJson(await read(APP_PATH)))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') || 'the file'
    return invalid(`${APP_PATH}, ${place}: ${issue?.message}`)
  }
  const problem = await imageProblem(parsed.data, { sizeOf: (path) => sizes.get(path), read })
  return problem === undefined ? { ok: true, app: parsed.data } : invalid(problem)
}
