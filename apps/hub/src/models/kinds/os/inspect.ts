/** Inspects pushed images of operating systems. The hub reads their description. It trusts no image: devices check it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGES_PATH, RAUC_FACTS_PATH, RAUC_PATH, SWU_PATH } from '@skerry/contract/kinds/os'
import type { OsImage } from '@skerry/contract/os/os-image'
import { PackageList } from '@skerry/contract/os/package-list'
import { RaucImage } from '@skerry/contract/os/rauc-image'
import { parseJson } from '@skerry/core/values/parse-json'
import { readSwuFile } from '@skerry/platform/images/swu-file'
import type * as z from 'zod'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

export const osInspector: Inspector<'os'> = {
  plural: 'images of operating systems',
  // An image has no golden cases. Its device checks the signature.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    if (golden)
      throw problem('input_invalid', 'golden inputs are for models; a device checks the signature of an image')
    const isRauc = files.length === 2 && RAUC_FILES.every((path) => files.some((file) => file.path === path))
    if (files.length !== 1 && !isRauc)
      throw problem(
        'os_invalid',
        `an operating system is ${SWU_PATH}, ${PACKAGES_PATH}, or ${RAUC_FILES.join(' with ')}`,
      )
  },
  // A bundle may have gigabytes, and only its device can verify it.
  reads: ({ path }) => path !== RAUC_PATH,
  async inspect({ staged, files }, signal) {
    const has = (wanted: string) => files.some(({ path }) => path === wanted)
    if (has(PACKAGES_PATH)) return inspectText(staged.folder, PACKAGES_PATH, PackageList)
    if (has(RAUC_PATH)) return inspectText(staged.folder, RAUC_FACTS_PATH, RaucImage)
    const read = await readSwuFile(join(staged.folder, SWU_PATH), signal)
    if (!read.ok) throw problem('os_invalid', `the image cannot be used, because ${read.message}`)
    return { summary: read.image, golden: undefined, goldenCases: 0 }
  },
  detail: (common, os) => ({ ...common, kind: 'os', os }),
  opset: () => 0,
}

const RAUC_FILES = [RAUC_PATH, RAUC_FACTS_PATH]

/** Packages exist in the repositories of the devices, and a device compares a bundle with its facts. */
async function inspectText(folder: string, path: string, schema: z.ZodType<OsImage>) {
  const parsed = schema.safeParse(parseJson(await readFile(join(folder, path), 'utf8')))
  if (parsed.success) return { summary: parsed.data, golden: undefined, goldenCases: 0 }
  const [issue] = parsed.error.issues
  throw problem('os_invalid', `${path}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
