/** Compose file: the file of an app that a person wrote. It is read and checked before anything is pushed. */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { COMPOSE_PATH } from '@skerry/contract/kinds/app'
import { type DraftApp, lintCompose } from '@skerry/core/apps/lint-compose'
import * as z from 'zod'
import { flag, list, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseImageSource } from './archives/app-images.ts'

/** A file for 16 services has some hundred lines. */
const COMPOSE_BYTES_MAX = 1024 ** 2

/** The options that each command on a Compose file has. */
export const composeOptions = {
  images: list(
    '--image <file>',
    'archive with images, from "docker save"; or hub://, engine:// or oci:// and a name; NAME=FILE gives its image a name',
    parseImageSource,
  ),
  platform: value('--platform <platform>', 'linux/amd64 or linux/arm64, if an archive has several', parsePlatform),
  mayReach: flag(
    '--host-access',
    'let services reach into the device: devices, gpus, runtime, cap_add, privileged, folders, network_mode: host',
  ),
  notSecret: list('--not-secret <variable>', 'SERVICE.VARIABLE that looks like a secret and is none', String),
}

function parsePlatform(text: string): string {
  if (text === 'linux/amd64' || text === 'linux/arm64') return text
  throw new Error('must be linux/amd64 or linux/arm64')
}

export type { DraftApp }

export type ComposeFile = { text: string; draft: DraftApp }

/** Fails with `file_invalid`, and names all problems with their lines. */
export async function readComposeFile(
  path: string,
  { notSecret, mayReach }: { notSecret: readonly string[]; mayReach: boolean },
): Promise<ComposeFile> {
  const text = await readText(path)
  if (Buffer.byteLength(text) > COMPOSE_BYTES_MAX) throw fail('file_invalid', `${path} is over 1 MiB`)
  const options = { notSecret: new Set(notSecret), mayReach }
  const schema = z.unknown().superRefine((document, context) => {
    for (const { path: place, message } of lintCompose(document, options).problems) {
      context.addIssue({ code: 'custom', path: [...place], message })
    }
  })
  const { values, problems } = readYaml(text, { file: path, schema, choice: { field: '', of: [] } })
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  const [first, second] = values
  if (found.length === 0 && !first) found.push(`${path}: the file is empty; "skerry app init" writes an example`)
  if (second) found.push(`${second.place}: a Compose file has one document`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return { text, draft: lintCompose(first.value, options).draft }
}

/** The names of the images of the file. */
export const imageNames = ({ services }: DraftApp): ReadonlySet<string> =>
  new Set(Object.values(services).map(({ imageName }) => imageName))

export const COMPOSE_FILE = COMPOSE_PATH
