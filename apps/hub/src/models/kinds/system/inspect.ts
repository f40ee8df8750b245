/** Inspects pushed system releases. The parts are compared with the stored versions in the transaction of the push. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isKind } from '@skerry/contract/kinds/kinds'
import { SYSTEM_PATH } from '@skerry/contract/kinds/system'
import { SystemRelease } from '@skerry/contract/systems/system-release'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import { insertParts } from '../../../systems/part-store.ts'
import type { Inspector } from '../inspector.ts'

/** 64 parts with the longest settings of an app. */
const SYSTEM_BYTES_MAX = 4 * 1024 ** 2

export const systemInspector: Inspector<'system'> = {
  plural: 'systems',
  // Each part has its own proof.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    if (golden) throw problem('input_invalid', 'golden inputs are for models; push them with the model')
    const other = files.find(({ path }) => path !== SYSTEM_PATH)
    if (other)
      throw problem(
        'input_invalid',
        `a system has no ${other.path}; its only file is ${SYSTEM_PATH}, and its parts are versions of their own`,
      )
  },
  async inspect({ staged, files }) {
    if (files.some(({ sizeBytes }) => sizeBytes > SYSTEM_BYTES_MAX))
      throw problem('input_invalid', `${SYSTEM_PATH} is over 4 MiB`)
    const system = readSystem(await readFile(join(staged.folder, SYSTEM_PATH), 'utf8'))
    const nested = system.parts.find(({ kind }) => !isKind(kind) || kind === SELF)
    if (nested)
      throw problem('input_invalid', `the part ${nested.name} is of the kind ${nested.kind}, which no system can have`)
    const alsoBytes = system.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { summary: system, golden: undefined, goldenCases: 0, alsoBytes }
  },
  keep: insertParts,
  parts: ({ parts }) => parts.flatMap((part) => (isKind(part.kind) ? [{ ...part, kind: part.kind }] : [])),
  detail: (common, system) => ({ ...common, kind: 'system', system }),
  opset: () => 0,
}

/** A system of systems would have no order that people can follow. */
const SELF: string = 'system'

function readSystem(text: string): SystemRelease {
  const parsed = SystemRelease.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw problem('input_invalid', `${SYSTEM_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
