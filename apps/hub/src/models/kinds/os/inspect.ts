/** Inspects pushed images of operating systems. The hub reads their description. It trusts no image: devices check it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGES_PATH, SWU_PATH } from '@skerry/contract/kinds/os'
import { PackageList } from '@skerry/contract/os/package-list'
import { readSwuFile } from '@skerry/platform/images/swu-file'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

export const osInspector: Inspector<'os'> = {
  plural: 'images of operating systems',
  // An image has no golden cases. Its device checks the signature.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    if (golden)
      throw problem('input_invalid', 'golden inputs are for models; a device checks the signature of an image')
    if (files.length !== 1)
      throw problem('os_invalid', `an operating system is one file, ${SWU_PATH} or ${PACKAGES_PATH}`)
  },
  async inspect({ staged, files }, signal) {
    if (files.some(({ path }) => path === PACKAGES_PATH)) return inspectPackages(join(staged.folder, PACKAGES_PATH))
    const read = await readSwuFile(join(staged.folder, SWU_PATH), signal)
    if (!read.ok) throw problem('os_invalid', `the image cannot be used, because ${read.message}`)
    return { summary: read.image, golden: undefined, goldenCases: 0 }
  },
  detail: (common, os) => ({ ...common, kind: 'os', os }),
  opset: () => 0,
}

/** The versions exist in the repositories of the devices; the hub does not know them. */
async function inspectPackages(path: string) {
  const parsed = PackageList.safeParse(parseJson(await readFile(path, 'utf8')))
  if (parsed.success) return { summary: parsed.data, golden: undefined, goldenCases: 0 }
  const [issue] = parsed.error.issues
  throw problem('os_invalid', `${PACKAGES_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
